/// The style of all pages: light and dark by preference, for screens and paper. Contrasts are at least 4.5 to 1.
enum PageStyle {
  static let css = """
    :root{--bg:#fff;--panel:#f5f6f8;--line:#d5d9e0;--ink:#1b2330;--quiet:#566072;--good:#11693a;--bad:#b3201f;--warn:#8a5300;
    --a:#1f5fbf;--b:#b4540a;--c:#1f7a52;--d:#8440a8;--e:#0f7585;--f:#a32c62;--fault:#b3201f26;--edge:#1b233044}
    @media (prefers-color-scheme:dark){:root{--bg:#12161d;--panel:#1b212b;--line:#39424f;--ink:#e7ebf1;--quiet:#a5afbf;--good:#5fd08f;
    --bad:#ff8b84;--warn:#f0b35a;--a:#7fb2ff;--b:#ffab66;--c:#6fd6a2;--d:#d3a0f2;--e:#62cfdf;--f:#ff94bf;--fault:#ff8b8433;--edge:#e7ebf166}}
    *{box-sizing:border-box}
    body{margin:0 auto;max-width:76rem;padding:1rem 1.25rem 4rem;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
    .skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--bg);padding:.5rem;z-index:3}
    a{color:var(--a)}:focus-visible{outline:3px solid var(--a);outline-offset:2px}
    .brand{margin:0;color:var(--quiet);font-weight:600;letter-spacing:.04em}
    h1{margin:.25rem 0 .5rem;font-size:1.9rem;line-height:1.2;overflow-wrap:anywhere}
    h2{margin:2.5rem 0 .75rem;font-size:1.3rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
    h3{margin:1.25rem 0 .4rem;font-size:1.05rem;overflow-wrap:anywhere}
    .verdict{display:inline-block;padding:.05em .5em;border-radius:.3em;border:2px solid;margin-right:.2em}
    .good{color:var(--good)}.bad{color:var(--bad)}.plain{color:var(--ink)}.warn{color:var(--warn)}.quiet,caption{color:var(--quiet)}
    .headline{font-size:1.15rem;margin:.25rem 0;overflow-wrap:anywhere}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.25rem,1fr));gap:.75rem;margin:1rem 0}
    .figures div{background:var(--panel);border-radius:.4rem;padding:.6rem .8rem;color:var(--ink)}
    .figures dt{color:var(--quiet);font-size:.85rem}.figures dd{margin:0;font-size:1.3rem;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
    .figures .good dd{color:var(--good)}.figures .bad dd{color:var(--bad)}
    nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;padding:0;margin:1rem 0}
    .scroll{overflow-x:auto;margin:.5rem 0 1rem;position:relative;
    background:linear-gradient(90deg,var(--bg) 40%,transparent) 0 0/2.5rem 100% no-repeat local,linear-gradient(270deg,var(--bg) 40%,transparent) 100% 0/2.5rem 100% no-repeat local,
    linear-gradient(90deg,var(--edge),transparent) 0 0/.8rem 100% no-repeat,linear-gradient(270deg,var(--edge),transparent) 100% 0/.8rem 100% no-repeat}
    .scroll.more::before{content:"Scroll sideways for more →";display:block;width:max-content;position:sticky;left:0;color:var(--quiet);font-size:.85rem;font-weight:600}
    table{border-collapse:collapse;font-size:.92rem;min-width:50%}
    caption{text-align:left;padding:.2rem 0;font-size:.85rem}
    th,td{text-align:left;padding:.28rem .9rem .28rem 0;border-bottom:1px solid var(--line);vertical-align:top}
    th{font-weight:600;white-space:nowrap}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
    code,pre{font:.88rem/1.45 ui-monospace,monospace;background:var(--panel);border-radius:.3rem}code{padding:.1em .3em}
    pre{padding:.7rem .9rem;overflow-x:auto}
    details{margin:.5rem 0}summary{cursor:pointer;color:var(--a)}
    article{background:var(--panel);border-left:4px solid var(--bad);border-radius:.3rem;padding:.5rem 1rem;margin:1rem 0}
    figure{margin:1rem 0}figcaption{color:var(--quiet);font-size:.9rem;margin-bottom:.4rem}
    svg{display:block;width:100%;height:auto;overflow:visible}svg text{fill:var(--ink);font:12px system-ui,sans-serif}
    svg .axis{stroke:var(--line)}svg .day{stroke:var(--quiet);stroke-opacity:.45}svg .a{fill:var(--a)}svg .b{fill:var(--b)}svg .c{fill:var(--c)}svg .d{fill:var(--d)}svg .e{fill:var(--e)}svg .f{fill:var(--f)}svg .label{fill:var(--quiet)}svg .halo{paint-order:stroke;stroke:var(--bg);stroke-width:4px}
    .answer{font-size:1.1rem;max-width:50rem}.picture .slim{display:none}.legend>span{white-space:nowrap;max-width:100%;overflow-wrap:anywhere}
    .legend{display:flex;flex-wrap:wrap;gap:.4rem .6rem;margin:.4rem 0}
    button{font:inherit;font-size:.88rem;color:var(--ink);background:var(--panel);border:1px solid var(--line);border-radius:.3rem;padding:.15rem .6rem;cursor:pointer}
    button[aria-pressed=true]{border-color:var(--a);color:var(--a);font-weight:600}.tools{display:flex;flex-wrap:wrap;gap:.4rem .6rem;margin:.4rem 0}.key{display:inline-block;width:.8em;height:.8em;border-radius:.15em;margin-right:.35em}
    .tip{position:absolute;pointer-events:none;background:var(--bg);border:1px solid var(--line);border-radius:.3rem;padding:.3rem .6rem;font-size:.85rem;white-space:nowrap;z-index:2}
    form p{margin:.5rem 0}input{font:inherit;color:var(--ink);background:var(--bg);border:1px solid var(--quiet);border-radius:.3rem;padding:.25rem .5rem;width:min(28rem,100%)}
    .path{margin:.2rem 0;overflow-wrap:anywhere}
    .chart{position:relative}footer{margin-top:3rem;color:var(--quiet);font-size:.9rem;overflow-wrap:anywhere}
    @media (max-width:40rem){td:first-child:not(.n){min-width:9rem}.picture .slim{display:block}.picture .wide{display:none}.legend>span{white-space:normal}h1{font-size:1.5rem}pre{white-space:pre-wrap;overflow-wrap:anywhere}}
    @media print{body{max-width:none;padding:0}nav,.tools,.skip{display:none}details{display:block}article{break-inside:avoid}
    h2{break-after:avoid}.scroll{overflow:visible}}
    """
}
