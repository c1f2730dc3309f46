/// The script of all pages: reading charts under the pointer, zooming, and switching curves off. Without it, a page shows the same.
enum PageScript {
  static let javaScript = """
    'use strict';
    for (const chart of document.querySelectorAll('.chart')) {
      const svg = chart.querySelector('svg');
      const source = chart.querySelector('script[type="application/json"]');
      if (!svg || !source) continue;
      const data = JSON.parse(source.textContent);
      const plots = svg.querySelectorAll('.plot');
      const cursor = svg.querySelector('.cursor');
      const tip = document.createElement('div');
      tip.className = 'tip';
      tip.hidden = true;
      chart.append(tip);
      let scale = 1, left = 0;
      const draw = () => {
        left = Math.max(0, Math.min(1 - 1 / scale, left));
        for (const plot of plots) {
          plot.setAttribute('transform', `translate(${data.x * (1 - scale) - left * data.width * scale},0) scale(${scale},1)`);
        }
        svg.querySelectorAll('.tick').forEach((tick, index) => {
          const share = left + index / (data.ticks - 1) / scale;
          tick.textContent = when(share * data.seconds);
        });
      };
      const when = seconds => new Date(data.start + seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
      const shareAt = event => {
        const box = svg.getBoundingClientRect();
        const x = (event.clientX - box.left) / box.width * data.view;
        return left + (x - data.x) / data.width / scale;
      };
      const show = share => {
        if (share < 0 || share > 1) { tip.hidden = true; cursor.setAttribute('visibility', 'hidden'); return; }
        const x = data.x + (share - left) * data.width * scale;
        cursor.setAttribute('x1', x); cursor.setAttribute('x2', x); cursor.setAttribute('visibility', 'visible');
        const rows = [when(share * data.seconds)];
        for (const fault of data.faults) {
          if (share * data.seconds >= fault.from && share * data.seconds < fault.to) rows.push('▌ ' + fault.name);
        }
        for (const series of data.series) {
          if (chart.querySelector(`[data-series="${series.id}"]`)?.dataset.off) continue;
          const index = Math.min(series.values.length - 1, Math.round(share * (series.values.length - 1)));
          if (index >= 0) rows.push(`${series.name}: ${series.values[index].toLocaleString('en-US')}`);
        }
        tip.replaceChildren(...rows.flatMap(row => [document.createTextNode(row), document.createElement('br')]));
        tip.hidden = false;
        const box = svg.getBoundingClientRect(), host = chart.getBoundingClientRect();
        const pixel = box.left - host.left + x / data.view * box.width;
        tip.style.top = (box.top - host.top) + 'px';
        tip.style.left = Math.max(0, Math.min(host.width - tip.offsetWidth, pixel + (pixel > host.width * 0.6 ? -tip.offsetWidth - 12 : 12))) + 'px';
      };
      const zoom = (factor, at) => {
        const next = Math.max(1, Math.min(200, scale * factor));
        left = at - (at - left) * scale / next;
        scale = next;
        draw();
      };
      svg.addEventListener('pointermove', event => show(shareAt(event)));
      svg.addEventListener('pointerleave', () => show(-1));
      svg.addEventListener('wheel', event => {
        if (!event.ctrlKey && !event.shiftKey) return;
        event.preventDefault();
        zoom(event.deltaY < 0 ? 1.25 : 0.8, shareAt(event));
      }, { passive: false });
      let dragged = null;
      svg.addEventListener('pointerdown', event => { dragged = shareAt(event); svg.setPointerCapture(event.pointerId); });
      svg.addEventListener('pointerup', () => { dragged = null; });
      svg.addEventListener('pointermove', event => {
        if (dragged === null || scale === 1) return;
        left += dragged - shareAt(event);
        draw();
      });
      for (const button of chart.querySelectorAll('[data-zoom]')) {
        button.addEventListener('click', () => {
          if (button.dataset.zoom === 'all') { scale = 1; left = 0; draw(); } else zoom(Number(button.dataset.zoom), left + 0.5 / scale);
        });
      }
      for (const button of chart.querySelectorAll('[data-toggle]')) {
        button.addEventListener('click', () => {
          const isOn = button.getAttribute('aria-pressed') !== 'true';
          button.setAttribute('aria-pressed', isOn);
          for (const mark of chart.querySelectorAll(`[data-series="${button.dataset.toggle}"]`)) {
            if (isOn) delete mark.dataset.off; else mark.dataset.off = '1';
            mark.style.display = isOn ? '' : 'none';
          }
        });
      }
      svg.addEventListener('keydown', event => {
        const step = { ArrowLeft: -0.1, ArrowRight: 0.1 }[event.key];
        if (step) { left += step / scale; draw(); event.preventDefault(); }
        if (event.key === '+') zoom(1.5, left + 0.5 / scale);
        if (event.key === '-') zoom(1 / 1.5, left + 0.5 / scale);
      });
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
    }, 2000);
    """
}
