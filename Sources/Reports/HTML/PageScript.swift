/// The script of all pages: reading charts under the pointer, zooming them, and hints at what can be scrolled. Without it, a page shows the same.
enum PageScript {
  static let javaScript = """
    'use strict';
    const hint = () => {
      for (const scroll of document.querySelectorAll('.scroll')) {
        const look = () => scroll.classList.toggle('more', scroll.scrollLeft + scroll.clientWidth < scroll.scrollWidth - 4);
        scroll.addEventListener('scroll', look, { passive: true });
        new ResizeObserver(look).observe(scroll);
        look();
      }
    };
    hint();
    const reveal = () => {
      const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      for (let e = target; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true;
      if (target) target.scrollIntoView();
    };
    addEventListener('hashchange', reveal);
    if (location.hash) reveal();
    for (const chart of document.querySelectorAll('.chart')) {
      const source = chart.querySelector('script[type="application/json"]');
      const pictures = [...chart.querySelectorAll('svg')];
      if (!pictures.length || !source) continue;
      const data = JSON.parse(source.textContent);
      const tip = document.createElement('div');
      tip.className = 'tip';
      tip.hidden = true;
      chart.append(tip);
      const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
      const steps = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 1209600];
      const iso = second => new Date(data.start + Math.round(second) * 1000).toISOString();
      const day = second => `${Number(iso(second).slice(8, 10))} ${months[Number(iso(second).slice(5, 7)) - 1]}`;
      const when = second => iso(second).slice(0, 16).replace('T', ' ');
      const long = second => `${day(second)} ${iso(second).slice(0, 4)} ${iso(second).slice(11, 16)}`;
      const grouped = value => value.toLocaleString('en-US');
      let from = data.from, to = data.to;
      const valueAt = (series, second) => {
        let low = 0, high = series.at.length - 1;
        while (low < high) {
          const middle = Math.ceil((low + high) / 2);
          if (series.at[middle] <= second) low = middle; else high = middle - 1;
        }
        return series.values[low] ?? 0;
      };
      const geometry = svg => Object.fromEntries(['x', 'width', 'view', 'ticks', 'top', 'bottom'].map(key => [key, Number(svg.dataset[key])]));
      const make = (name, values, words) => {
        const element = document.createElementNS('http://www.w3.org/2000/svg', name);
        for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
        if (words) element.textContent = words;
        return element;
      };
      const ticks = count => {
        const found = [], origin = data.start / 1000, step = steps.find(step => (to - from) / step <= count);
        if (step) {
          for (let n = Math.ceil((origin + from) / step); n * step - origin <= to; n += 1) {
            const second = n * step - origin, clock = iso(second).slice(11, 19), isDay = clock === '00:00:00';
            found.push({ second, words: isDay ? day(second) : step < 60 ? clock : clock.slice(0, 5), isDay: isDay && step < 86400 });
          }
          return found;
        }
        const span = [1, 2, 3, 6, 12, 24, 60, 120].find(span => (to - from) / (span * 2629746) <= count) ?? 240;
        const begin = Number(iso(from).slice(0, 4)) * 12 + Number(iso(from).slice(5, 7)) - 1;
        for (let n = Math.floor(begin / span) * span; found.length <= count; n += span) {
          const second = (Date.UTC(Math.floor(n / 12), n % 12) - data.start) / 1000;
          if (second > to) break;
          if (second >= from) found.push({ second, words: n % 12 === 0 ? `Jan ${n / 12}` : months[n % 12], isDay: false });
        }
        return found;
      };
      const draw = () => {
        for (const svg of pictures) {
          const g = geometry(svg), scale = data.seconds / (to - from);
          for (const plot of svg.querySelectorAll('.plot')) {
            plot.setAttribute('transform', `translate(${g.x * (1 - scale) - from / data.seconds * g.width * scale},0) scale(${scale},1)`);
          }
          const marks = [];
          for (const { second, words, isDay } of ticks(g.ticks)) {
            const x = g.x + (second - from) / (to - from) * g.width;
            marks.push(make('line', { class: isDay ? 'day' : 'axis', x1: x, x2: x, y1: g.top, y2: g.bottom }));
            marks.push(make('text', { class: 'label tick', x, y: g.bottom + 18, 'text-anchor': x < g.x + 20 ? 'start' : x > g.x + g.width - 20 ? 'end' : 'middle' }, words));
          }
          svg.querySelector('.ticks').replaceChildren(...marks);
          for (const label of svg.querySelectorAll('[data-label]')) {
            const series = data.series.find(series => series.id === label.dataset.label);
            const last = valueAt(series, to);
            const shown = series.figure === 'last' ? last
              : Math.max(0, ...series.values.filter((_, index) => series.at[index] >= from && series.at[index] <= to));
            label.textContent = label.dataset.words + grouped(shown);
          }
        }
        chart.querySelector('.window').textContent = `${long(from)} to ${long(to)}`;
        for (const button of chart.querySelectorAll('[data-window],[data-zoom="all"]')) {
          const [a, b] = button.dataset.window ? button.dataset.window.split(',').map(Number) : [0, data.seconds];
          button.setAttribute('aria-pressed', Math.abs(a - from) + Math.abs(b - to) < 1);
        }
      };
      const show = (a, b) => {
        const span = Math.max(data.seconds / 2000, Math.min(data.seconds, b - a));
        from = Math.max(0, Math.min(data.seconds - span, a));
        to = from + span;
        draw();
      };
      const zoom = (factor, at) => show(at - (at - from) / factor, at + (to - at) / factor);
      for (const svg of pictures) {
        const g = geometry(svg), cursor = svg.querySelector('.cursor');
        const secondAt = event => {
          const box = svg.getBoundingClientRect();
          return from + ((event.clientX - box.left) / box.width * g.view - g.x) / g.width * (to - from);
        };
        const hide = () => { tip.hidden = true; cursor.setAttribute('visibility', 'hidden'); };
        const read = second => {
          if (!(second >= from && second <= to)) { hide(); return; }
          const x = g.x + (second - from) / (to - from) * g.width;
          cursor.setAttribute('x1', x); cursor.setAttribute('x2', x); cursor.setAttribute('visibility', 'visible');
          const rows = [when(second)];
          for (const mark of data.marks) if (Math.abs(mark.at - second) < (to - from) / 150) rows.push('✗ ' + mark.name);
          for (const fault of data.faults) if (second >= fault.from && second < fault.to) rows.push('▌ ' + fault.name);
          for (const series of data.series) rows.push(`${series.name}: ${grouped(valueAt(series, second))}`);
          tip.replaceChildren(...rows.slice(0, 24).flatMap(row => [document.createTextNode(row), document.createElement('br')]));
          tip.hidden = false;
          const box = svg.getBoundingClientRect(), host = chart.getBoundingClientRect();
          const pixel = box.left - host.left + x / g.view * box.width;
          tip.style.top = (box.top - host.top) + 'px';
          tip.style.left = Math.max(0, Math.min(host.width - tip.offsetWidth, pixel + (pixel > host.width * 0.6 ? -tip.offsetWidth - 12 : 12))) + 'px';
        };
        let dragged = null;
        svg.addEventListener('pointermove', event => {
          if (dragged !== null && to - from < data.seconds) {
            const move = dragged - secondAt(event);
            show(from + move, to + move);
          }
          read(secondAt(event));
        });
        svg.addEventListener('pointerleave', hide);
        svg.addEventListener('wheel', event => {
          if (!event.ctrlKey && !event.shiftKey) return;
          event.preventDefault();
          zoom(event.deltaY < 0 ? 1.25 : 0.8, secondAt(event));
        }, { passive: false });
        svg.addEventListener('pointerdown', event => { dragged = secondAt(event); if (event.pointerType === 'mouse') svg.setPointerCapture(event.pointerId); });
        svg.addEventListener('pointerup', () => { dragged = null; });
        svg.addEventListener('pointercancel', () => { dragged = null; });
        svg.addEventListener('keydown', event => {
          const step = { ArrowLeft: -0.1, ArrowRight: 0.1 }[event.key] * (to - from);
          if (step) { show(from + step, to + step); event.preventDefault(); }
          if (event.key === '+') zoom(1.5, (from + to) / 2);
          if (event.key === '-') zoom(1 / 1.5, (from + to) / 2);
        });
      }
      for (const button of chart.querySelectorAll('[data-zoom]')) {
        button.addEventListener('click', () => {
          if (button.dataset.zoom === 'all') show(0, data.seconds); else zoom(Number(button.dataset.zoom), (from + to) / 2);
        });
      }
      for (const button of chart.querySelectorAll('[data-window]')) {
        button.addEventListener('click', () => show(...button.dataset.window.split(',').map(Number)));
      }
    }
    """

  /// The script of pages that follow what is going on: asks every two seconds whether there is something new, and leaves what the
  /// reader has opened, and where the reader types, as it is.
  static let following = """
    let seen = null;
    setInterval(async () => {
      if (document.hidden || document.activeElement?.tagName === 'INPUT') return;
      let answer;
      try {
        answer = await fetch(location.href, { cache: 'no-store', headers: seen ? { 'If-None-Match': seen } : {} });
      } catch { return; }
      if (answer.status !== 200) return;
      seen = answer.headers.get('ETag');
      const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const open = new Set([...document.querySelectorAll('details[open] > summary')].map(summary => summary.textContent));
      for (const part of ['header', 'nav', 'main']) {
        const [now, then] = [document.querySelector(`body > ${part}`), next.querySelector(`body > ${part}`)];
        if (now && then) now.replaceWith(then);
      }
      for (const summary of document.querySelectorAll('details > summary')) {
        if (open.has(summary.textContent)) summary.parentElement.open = true;
      }
      hint();
    }, 2000);
    """
}
