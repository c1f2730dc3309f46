// swift-tools-version: 6.2
import PackageDescription

// The package graph is the architecture: see ARCHITECTURE.md. Arrows point down only, and the
// compiler enforces them.

/// Settings of every target: warnings are errors, existentials are spelled out, imports are shown.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Settings of what simulates and judges. Where METERSTORM_OPTIMISED is set (scripts/test), it is optimised in debug builds as well, with its
/// assertions: tests run whole simulated years.
let simulating: [SwiftSetting] =
  strict
  + (Context.environment["METERSTORM_OPTIMISED"] == nil
    ? []
    : [
      .unsafeFlags(
        [
          "-O", "-whole-module-optimization", "-num-threads", "2", "-assert-config", "Debug", "-Xfrontend",
          "-enable-default-cmo",
        ],
        .when(configuration: .debug))
    ])

/// Settings of what reads files, assembles, tells and shows, a moment of each run: not optimised in release builds either, as that takes four
/// times as long to compile, and together half of the build (`scripts/run`). A seed of a small campaign takes a tenth longer for it.
let quicklyBuilt: [SwiftSetting] = [
  .unsafeFlags(["-Onone", "-assert-config", "Release"], .when(configuration: .release))
]

let package = Package(
  name: "meterstorm",
  products: [
    // What somebody else's core is written against.
    .library(name: "CoreInterface", targets: ["CoreInterface", "CanonicalModel", "Chronology"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
  ],
  targets: [
    .systemLibrary(
      name: "CJemalloc", pkgConfig: "jemalloc", providers: [.apt(["libjemalloc-dev"])]),
    // Without a library between: GRDB.swift takes a tenth of the time that the program takes to compile. The tests use it as another reader of
    // the same files. It has no pkgConfig: that would name the system's folder before the one of archives (scripts/build), and link SQLite and
    // jemalloc dynamically.
    .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
    // Apart, so that another commit compiles one file and nothing else.
    .target(
      name: "CBuildIdentity",
      cSettings: Context.environment["METERSTORM_COMMIT"].map {
        [.define("METERSTORM_COMMIT", to: "\"\($0)\"")]
      }),
    .target(name: "Chronology", swiftSettings: simulating),
    .target(name: "CanonicalModel", dependencies: ["Chronology"], swiftSettings: simulating),
    .target(name: "SimulationKernel", dependencies: ["Chronology"], swiftSettings: simulating),
    .target(
      name: "CoreInterface", dependencies: ["CanonicalModel", "Chronology"], swiftSettings: simulating),
    .target(
      name: "UsageToCash",
      dependencies: [
        "CanonicalModel", "Chronology", "CoreInterface",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "HeapModule", package: "swift-collections"),
      ], swiftSettings: simulating),
    .target(
      name: "World",
      dependencies: [
        "CanonicalModel", "Chronology", "CoreInterface", "SimulationKernel",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "HeapModule", package: "swift-collections"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ], swiftSettings: simulating),
    // The built-in core as the world sees it, in every call's way: optimised, where Experiments is not.
    .target(
      name: "SimulatedCore",
      dependencies: ["CanonicalModel", "Chronology", "CoreInterface", "UsageToCash", "World"],
      swiftSettings: simulating),
    .target(name: "Verification", dependencies: ["CanonicalModel", "Chronology"], swiftSettings: simulating),
    .target(
      name: "Scenario",
      dependencies: ["CanonicalModel", "Chronology", .product(name: "Yams", package: "Yams")],
      swiftSettings: simulating + quicklyBuilt),
    .target(name: "RunRecord", swiftSettings: simulating + quicklyBuilt),
    .target(name: "Statistics", dependencies: ["SimulationKernel"], swiftSettings: simulating),
    .target(name: "ResultsDatabase", dependencies: ["CSQLite", "RunRecord"], swiftSettings: strict),
    .target(
      name: "Experiments",
      dependencies: [
        "CJemalloc", "CanonicalModel", "Chronology", "CoreInterface", "ResultsDatabase", "RunRecord",
        "Scenario",
        "SimulatedCore", "SimulationKernel", "Statistics", "UsageToCash", "Verification", "World",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ], swiftSettings: simulating + quicklyBuilt),
    .target(
      name: "Reports",
      dependencies: ["Chronology", "RunRecord", .product(name: "Mustache", package: "swift-mustache")],
      swiftSettings: strict + quicklyBuilt),
    .target(name: "Addresses", swiftSettings: strict),
    .target(
      name: "WebService",
      dependencies: [
        "Addresses",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
      ], swiftSettings: strict),
    .target(
      name: "Live",
      dependencies: [
        "Addresses",
        "CanonicalModel", "Chronology", "CoreInterface", "SimulationKernel", "UsageToCash", "WebService",
        "World",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ], swiftSettings: strict),
    .target(
      name: "Dashboard",
      dependencies: [
        "Experiments", "Reports", "ResultsDatabase", "RunRecord", "Scenario", "WebService",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ], swiftSettings: strict),
    .target(
      name: "Commands",
      dependencies: [
        "Addresses", "CBuildIdentity", "CJemalloc", "CanonicalModel", "Chronology", "Experiments", "Reports",
        "ResultsDatabase",
        "RunRecord",
        "Scenario", "Statistics", "UsageToCash", "Verification", "World",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict + quicklyBuilt),
    .executableTarget(name: "meterstorm", dependencies: ["Commands"], swiftSettings: strict),
    // What needs an HTTP stack, whose build takes as long as everything else: meterstorm becomes this program for the verbs that do.
    .executableTarget(
      name: "meterstorm-live",
      dependencies: [
        "Addresses", "CanonicalModel", "Chronology", "Commands", "Dashboard", "Experiments", "Live",
        "Reports",
        "ResultsDatabase", "RunRecord", "Scenario", "UsageToCash", "WebService", "World",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Hummingbird", package: "hummingbird"),
      ], swiftSettings: strict),
    .executableTarget(
      name: "meterstorm-bench",
      dependencies: [
        "CJemalloc", "CanonicalModel", "Chronology", "CoreInterface", "Experiments", "SimulationKernel",
        "Statistics",
        "UsageToCash", "Verification", "World",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),
    // Apart from the other benchmarks: valgrind, which counts their instructions, cannot load what a server brings along.
    .executableTarget(
      name: "meterstorm-live-bench",
      dependencies: [
        "CJemalloc", "Experiments", "Live", "Scenario",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),
    .executableTarget(name: "phold-baseline", linkerSettings: [.linkedLibrary("m")]),
    .testTarget(name: "ChronologyTests", dependencies: ["Chronology"], swiftSettings: strict),
    .testTarget(name: "CanonicalModelTests", dependencies: ["CanonicalModel"], swiftSettings: strict),
    .testTarget(
      name: "SimulationKernelTests",
      dependencies: ["SimulationKernel", "Chronology", "CJemalloc"], swiftSettings: strict),
    .target(
      name: "RatingVectors", dependencies: ["CanonicalModel", "Chronology"], path: "Tests/RatingVectors",
      exclude: ["Vectors"], swiftSettings: strict),
    .testTarget(
      name: "UsageToCashTests",
      dependencies: [
        "CanonicalModel", "Chronology", "CoreInterface", "RatingVectors", "SimulationKernel", "UsageToCash",
        "World",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "WorldTests",
      dependencies: [
        "CanonicalModel", "Chronology", "CoreInterface", "Experiments", "SimulatedCore", "SimulationKernel",
        "UsageToCash",
        "World",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ScenarioTests", dependencies: ["CanonicalModel", "Chronology", "Scenario"], swiftSettings: strict
    ),
    .testTarget(
      name: "StatisticsTests", dependencies: ["SimulationKernel", "Statistics"], swiftSettings: strict),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "CanonicalModel", "CoreInterface", "Experiments", "Reports", "ResultsDatabase", "RunRecord",
        "Scenario", "Statistics",
        "UsageToCash",
        "World",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .testTarget(name: "ReportsTests", dependencies: ["Reports", "RunRecord"], swiftSettings: strict),
    .testTarget(
      name: "DashboardTests",
      dependencies: [
        "Addresses",
        "Dashboard", "Experiments", "ResultsDatabase", "RunRecord", "Scenario", "WebService",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOEmbedded", package: "swift-nio"),
      ], swiftSettings: strict),
    .testTarget(
      name: "LiveTests",
      dependencies: [
        "Addresses",
        "CanonicalModel", "Chronology", "CoreInterface", "Experiments", "Live", "RunRecord", "Scenario",
        "UsageToCash",
        "WebService", "World",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOEmbedded", package: "swift-nio"),
      ], swiftSettings: strict),
    .testTarget(name: "HouseTests", swiftSettings: strict),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "Commands", "meterstorm", "meterstorm-live",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ], swiftSettings: strict),
    .testTarget(
      name: "VerificationTests",
      dependencies: [
        "CanonicalModel", "Chronology", "CoreInterface", "RatingVectors", "SimulationKernel", "UsageToCash",
        "Verification",
      ], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)

// What needs few of the targets builds no others: METERSTORM_TARGETS names some, which stay with those that they depend on
// (scripts/thread-sanitizer).
if let names = Context.environment["METERSTORM_TARGETS"] {
  var needed = Set(names.split(separator: ",").map(String.init))
  var left = Array(needed)
  while let name = left.popLast() {
    for case .byNameItem(let other, _) in package.targets.first(where: { $0.name == name })?.dependencies
      ?? []
    where needed.insert(other).inserted {
      left.append(other)
    }
  }
  package.targets.removeAll { !needed.contains($0.name) }
  package.products = []
}
