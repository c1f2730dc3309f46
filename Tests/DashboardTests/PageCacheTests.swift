import Testing

@testable import Dashboard

@Suite("The cache of pages")
struct PageCacheTests {
  @Test("a page is known as of its revision, and those not asked for the longest go first")
  func bounds() {
    let cache = PageCache(pages: 2, bytes: 1000)
    let page = PageCache.Page("abc")
    cache.keep(page, at: "/a", revision: 1)
    #expect(cache.page("/a", revision: 1)?.bytes == Array("abc".utf8) && cache.page("/a", revision: 2) == nil)
    cache.keep(PageCache.Page("b"), at: "/b", revision: 1)
    _ = cache.page("/a", revision: 1)
    cache.keep(PageCache.Page("c"), at: "/c", revision: 1)
    #expect(cache.page("/b", revision: 1) == nil && cache.page("/a", revision: 1) != nil)
    cache.keep(PageCache.Page(String(repeating: "x", count: 499)), at: "/a", revision: 2)
    #expect(cache.bytes == 500)
    cache.keep(PageCache.Page(String(repeating: "x", count: 500)), at: "/d", revision: 2)
    #expect(cache.bytes == 999 || cache.page("/c", revision: 1) == nil)
    cache.keep(PageCache.Page(String(repeating: "x", count: 501)), at: "/e", revision: 2)
    #expect(cache.page("/e", revision: 2) == nil, "a page of more than half of all is not kept")
    #expect(PageCache.Page("abc").tag == page.tag && PageCache.Page("abd").tag != page.tag)
  }
}
