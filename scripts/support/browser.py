"""Looks at HTML reports in a real browser. Called by scripts/browser, which documents it."""

import html
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

METERSTORM = os.environ.get("METERSTORM", ".build/release/meterstorm")

# Runs in the page, after its own script, and leaves its findings in an element.
PROBE = """
<script>
const found = [];
const claim = (holds, words) => { if (!holds) found.push(words); };
for (const details of document.querySelectorAll('details')) details.open = true;
const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
claim(new Set(ids).size === ids.length, 'an id stands twice');
for (const link of document.querySelectorAll('a[href^="#"]')) {
  claim(document.getElementById(link.hash.slice(1)), 'a link leads nowhere: ' + link.hash);
}
for (const image of document.querySelectorAll('svg')) {
  claim(image.getAttribute('aria-hidden') === 'true' || image.getAttribute('aria-label'), 'a picture without words');
}
for (const table of document.querySelectorAll('table')) {
  claim(table.caption, 'a table without a caption');
  claim([...table.querySelectorAll('th')].every(th => th.scope), 'a heading of a table without a scope');
}
let level = 1;
for (const heading of document.querySelectorAll('h1,h2,h3,h4')) {
  const next = Number(heading.tagName[1]);
  claim(next <= level + 1, 'a heading leaves a level out: ' + heading.textContent);
  level = next;
}
claim(document.querySelectorAll('h1').length === 1, 'not one first heading');
claim(document.documentElement.scrollWidth <= window.innerWidth, 'the page is wider than its window: ' + document.documentElement.scrollWidth);

const parse = color => (color.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
const luminance = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const background = element => {
  for (let e = element; e; e = e.parentElement) {
    const color = parse(getComputedStyle(e).backgroundColor);
    if (color.length < 4 || color[3] > 0) return color;
  }
  return [255, 255, 255];
};
const poor = new Set();
for (const element of document.querySelectorAll('body *')) {
  const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  if (!own || ['SCRIPT', 'STYLE', 'TITLE'].includes(element.tagName.toUpperCase())) continue;
  const style = getComputedStyle(element);
  if (style.visibility === 'hidden' || style.display === 'none') continue;
  const svg = element.closest('svg');
  const ink = luminance(parse(svg ? style.fill : style.color)), paper = luminance(background(svg ? svg.parentElement : element));
  const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  if (ratio < 4.5) poor.add(element.tagName + '.' + element.getAttribute('class') + ' ' + ratio.toFixed(2));
}
claim(poor.size === 0, 'too little contrast: ' + [...poor].slice(0, 5).join(', '));

// Of a picture in two sizes one is shown, none of its words lies outside of it, and no two of them on each other.
for (const picture of document.querySelectorAll('.picture')) {
  const shown = [...picture.querySelectorAll('svg')].filter(svg => getComputedStyle(svg).display !== 'none');
  claim(shown.length === 1 && shown[0].classList.contains(window.innerWidth <= 640 ? 'slim' : 'wide'), 'a picture is not shown in the size that fits');
  const texts = [...(shown[0]?.querySelectorAll('text') ?? [])].map(text => ({ words: text.textContent, box: text.getBoundingClientRect() }));
  const frame = shown[0]?.getBoundingClientRect();
  claim(texts.length > 3, 'a picture without figures at its axes');
  for (const { words, box } of texts) {
    claim(box.left >= frame.left - 2 && box.right <= frame.right + 2 && box.right <= window.innerWidth, 'words of a picture are cut off: ' + words);
    claim(box.height >= 9, 'words of a picture are too small: ' + words);
  }
  texts.forEach((a, i) => texts.slice(i + 1).forEach(b => {
    const [wide, high] = [Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left), Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top)];
    claim(wide < 3 || high < 5, `words of a picture lie on each other: ${a.words} and ${b.words}`);
  }));
}

// What is wider than its place says so, and every violation leads to its story.
for (const scroll of document.querySelectorAll('.scroll')) {
  const isWider = scroll.scrollWidth > scroll.clientWidth + 4;
  claim(!isWider || getComputedStyle(scroll, '::before').content.includes('Scroll sideways'), 'a table is cut off without a hint: ' + scroll.getAttribute('aria-label'));
  claim(!isWider || scroll.tabIndex === 0, 'a table cannot be scrolled with the keyboard: ' + scroll.getAttribute('aria-label'));
}
for (const violation of document.querySelectorAll('.violation')) {
  const link = violation.querySelector('a[href]');
  claim(link && (link.hash ? document.getElementById(link.hash.slice(1)) : /\\?violation=\\d+$/.test(link.href)), 'a violation without its story: ' + violation.id);
}

let marks = 0;
for (const chart of document.querySelectorAll('.chart')) {
  const svg = [...chart.querySelectorAll('svg')].find(svg => getComputedStyle(svg).display !== 'none'), paths = chart.querySelectorAll('path[data-series]');
  marks += paths.length;
  claim(paths.length > 0 && [...paths].every(p => p.getTotalLength() > 10), 'a chart without curves');
  claim(svg.querySelectorAll('[data-label]').length > 0, 'a chart whose curves have no names');
  claim([...svg.querySelectorAll('[data-label]')].every(label => /\\d$/.test(label.textContent)), 'a name without a figure');
  const words = () => [...svg.querySelectorAll('.tick')].map(tick => tick.textContent).join() + chart.querySelector('.window').textContent;
  const drawn = words();
  chart.querySelector('[data-zoom="all"]').click();
  const all = words();
  chart.querySelector('[data-zoom="1.6"]').click();
  claim(svg.querySelector('.plot').getAttribute('transform').includes('scale(1.6'), 'a chart cannot be zoomed');
  claim(words() !== all, 'the axis does not follow the zoom');
  chart.querySelector('[data-zoom="all"]').click();
  claim(words() === all && chart.querySelector('[data-zoom="all"]').getAttribute('aria-pressed') === 'true', 'a chart does not come back to the whole run');
  for (const button of chart.querySelectorAll('[data-window]')) {
    button.click();
    claim(button.getAttribute('aria-pressed') === 'true' && words() !== all, 'a stretch of time cannot be chosen');
  }
  svg.dispatchEvent(new KeyboardEvent('keydown', { key: '-' }));
  // What the script draws is what the file shows without it.
  const source = JSON.parse(chart.querySelector('script').textContent);
  [...chart.querySelectorAll('[data-window],[data-zoom="all"]')].find(button => {
    const [a, b] = button.dataset.window?.split(',').map(Number) ?? [0, source.seconds];
    return Math.abs(a - source.from) + Math.abs(b - source.to) < 1;
  })?.click();
  claim(words() === drawn, 'the script draws another axis than the file: ' + words() + ' instead of ' + drawn);
  const box = svg.getBoundingClientRect();
  svg.dispatchEvent(new PointerEvent('pointermove', { clientX: box.left + box.width / 2, clientY: box.top + 5 }));
  const tip = chart.querySelector('.tip');
  claim(!tip.hidden && /\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}/.test(tip.textContent), 'a chart cannot be read');
  svg.dispatchEvent(new PointerEvent('pointerleave'));
  claim(tip.hidden, 'a reading does not go away');
}
const result = document.createElement('output');
result.id = 'probe';
result.textContent = JSON.stringify({ found, marks, pictures: document.querySelectorAll('svg').length, width: window.innerWidth });
document.body.append(result);
</script>
"""


# A window is never narrower than 500 pixels, but a frame is.
FRAME = """<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark"><body style="margin:0">
<iframe id="frame" width="390" height="1400" style="border:0" {}="{}"></iframe>
<script>
const frame = document.getElementById('frame');
const copy = () => {{ const probe = frame.contentDocument?.getElementById('probe'); if (probe) document.body.append(probe.cloneNode(true)); }};
if (frame.contentDocument?.getElementById('probe')) copy(); else frame.addEventListener('load', copy);
</script>"""


def wanted(name: str) -> bool:
    """Whether a page is to be opened: all of them, or those that a word of the command line is in."""
    return len(sys.argv) < 2 or any(word in name for word in sys.argv[1:])


def report(folder: pathlib.Path) -> dict:
    """One page of every kind, and what has to be on it."""
    pages = {}

    def page(name: str, marks: int, pictures: int, *arguments: str) -> None:
        if not wanted(name):
            return
        result = subprocess.run([METERSTORM, *arguments], capture_output=True, text=True, check=False)
        if result.returncode not in (0, 1) or not result.stdout:
            sys.exit(f"{name}: {result.stderr}")
        (folder / f"{name}.html").write_text(result.stdout.replace("</body>", PROBE + "</body>"))
        pages[name] = (marks, pictures)

    failing = folder / "failing"
    subprocess.run([METERSTORM, "run", "scenarios/azure-llm-tokens.yaml", "--defect", "retry-without-key", "--quiet", "--output", failing], stdout=subprocess.DEVNULL, check=False)
    page("passing", 7, 3, "report", "reports/month-end-throttle", "--format", "html")
    page("failing", 6, 3, "report", str(failing), "--format", "html")
    page("difference", 0, 0, "report", str(failing), "--against", "reports/azure-llm-tokens", "--format", "html")
    page("comparison", 0, 10, "compare", "scenarios/patterns/middleware.yaml", "--quiet", "--replications", "4", "--designs", "direct-api,middleware,micro-batch", "--format", "html")
    page("capacity", 0, 2, "capacity", "scenarios/capacity/outage.yaml", "--quiet", "--study", "workers", "--format", "html")
    page("capacity across", 0, 2, "capacity", "scenarios/capacity/month-end.yaml", "--quiet", "--grid", "4", "--precision", "10%", "--vary", "customers.count=20..400",
         "--across", "entities.0.erp.concurrency,design.posting.concurrency=1,2,4", "--objective", "closeCycleTime < 68m", "--format", "html")
    page("map", 0, 0, "capacity", "scenarios/capacity/month-end.yaml", "--quiet", "--grid", "3", "--vary", "customers.count=20..400", "--vary",
         "design.posting.concurrency=1..3", "--objective", "closeCycleTime < 68m", "--format", "html")
    page("effects", 0, 2, "capacity", "scenarios/capacity/outage.yaml", "--quiet", "--effects", "--repetitions", "4", "--vary", "customers.count=10..30", "--vary", "faults.0.for=1h..4h",
         "--format", "html")
    page("indices", 0, 2, "capacity", "scenarios/capacity/outage.yaml", "--quiet", "--indices", "--repetitions", "10", "--vary", "customers.count=10..30", "--vary", "faults.0.for=1h..4h",
         "--format", "html")
    for name, choice in {"story": ("--violation", "1"), "story of an invoice": ("--transaction", "invoice DE-000002")}.items():
        page(name, 0, 2, "explain", str(failing), *choice, "--quiet", "--format", "html")
    live = ["load", "scenarios/live/month-end.yaml", "--quiet", "--format", "html"]
    page("load", 0, 4, *live, "--time-scale", "960", "--target", "core", "--log", str(folder / "log"), "--against-simulation")
    page("campaign without failure", 0, 0, "campaign", "scenarios/chaos.yaml", "--quiet", "--seeds", "1..4", "--format", "html")
    page("campaign", 0, 0, "campaign", "scenarios/chaos.yaml", "--quiet", "--seeds", "1..12", "--defect", "retry-without-key", "--format", "html")
    return pages


# Pages of the dashboard: curves and pictures that have to be there, and a link that has to lead on.
DASHBOARD = {
    "/": (0, 0, "/campaigns/1"),
    "/runs/1": (6, 3, "/runs/1/story?violation=1"),
    "/runs/1/story?violation=1": (0, 0, "/runs/1/story?transaction="),
    "/campaigns/1": (0, 0, "/campaigns/1/seeds/1"),
    "/campaigns/1/seeds/1": (0, 0, "/campaigns/1/seeds/1/report"),
    "/studies/2/0": (0, 10, "/"),
    "/search?transaction=invoice": (0, 0, "/story?transaction=invoice"),
    "/runs/99": (0, 0, "/"),
    "/nothing/here": (0, 0, "/"),
}


def dashboard(folder: pathlib.Path) -> tuple[subprocess.Popen, int]:
    """A dashboard with something of everything, behind a proxy that adds the probe to its pages, or shows them in a narrow frame."""
    database = str(folder / "results.db")
    for arguments in (["run", "scenarios/azure-llm-tokens.yaml", "--defect", "retry-without-key"], ["campaign", "scenarios/chaos.yaml", "--seeds", "1..12", "--defect", "retry-without-key"],
                      ["compare", "scenarios/patterns/middleware.yaml", "--replications", "4", "--designs", "direct-api,middleware,micro-batch"]):
        subprocess.run([METERSTORM, *arguments, "--quiet", "--database", database], stdout=subprocess.DEVNULL, check=False)
    server = subprocess.Popen([METERSTORM, "serve", database, "--port", "0", "--seconds", "600"], stderr=subprocess.PIPE, text=True)
    port = int(re.search(r":(\d+)/", server.stderr.readline()).group(1))

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/frame"):
                page = FRAME.format("src", html.escape(self.path.removeprefix("/frame"))).encode()
            else:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}{self.path}") as answer:
                        page = answer.read()
                except urllib.error.HTTPError as error:
                    page = error.read()
                # A page that follows what goes on asks again, and shows what it then gets.
                asked = "again" if self.headers.get("Sec-Fetch-Dest") == "empty" else "once"
                page = page.replace(b"</body>", PROBE.encode() + b"</body>").replace(b"</main>", f"<p hidden>asked {asked}</p></main>".encode())
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_) -> None:
            pass

    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    return server, proxy.server_address[1]


failed = False


def look(name: str, address: str, framed: str, marks: int, pictures: int, link: str = "") -> None:
    """Opens a page at both widths and in both schemes."""
    global failed
    for width in (1440, 390):
        for scheme in ("light", "dark"):
            # Blink's own numbers: 0 is dark, 1 is light.
            command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={max(width, 500)},1400", "--enable-logging=stderr",
                       f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}", "--virtual-time-budget=4000", f"--user-data-dir={folder}/profile", "--dump-dom",
                       address if width >= 500 else framed]
            result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
            console = [line for line in result.stderr.splitlines() if "CONSOLE" in line]
            probe = re.search(r'<output id="probe">(.*?)</output>', result.stdout, re.DOTALL)
            found = json.loads(html.unescape(probe.group(1))) if probe else {"found": ["the probe did not run"], "marks": 0, "pictures": 0}
            problems = found["found"] + console
            if found.get("width") != width:
                problems.append(f"the window is {found.get('width')} wide")
            if found["marks"] < marks or found["pictures"] < pictures:
                problems.append(f"{found['marks']} curves and {found['pictures']} pictures, where {marks} and {pictures} are expected")
            if link and width >= 500 and f'href="{html.escape(link)}' not in result.stdout and link not in html.unescape(result.stdout):
                problems.append(f"no link to {link}")
            if width >= 500 and ("data-live" in result.stdout) != ("asked again" in result.stdout):
                problems.append("a page that should follow what goes on does not, or another does")
            print(f"{name:<27} {width:>4} {scheme:<5} {'; '.join(problems) or 'good'}", flush=True)
            failed = failed or bool(problems)


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    for page, (marks, pictures) in report(folder).items():
        file, framed = folder / f"{page}.html", folder / f"{page}-framed.html"
        framed.write_text(FRAME.format("srcdoc", html.escape(file.read_text())))
        look(page, file.as_uri(), framed.as_uri(), marks, pictures)
    paths = {path: expected for path, expected in DASHBOARD.items() if wanted(path)}
    server, port = dashboard(folder) if paths else (None, 0)
    try:
        for path, (marks, pictures, link) in paths.items():
            look(path, f"http://127.0.0.1:{port}{path}", f"http://127.0.0.1:{port}/frame{path}", marks, pictures, link)
    finally:
        if server:
            server.terminate()
sys.exit(failed)
