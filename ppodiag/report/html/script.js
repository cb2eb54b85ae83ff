"use strict";
(() => {
  const W = 720, H = 220, L = 100, R = 12, T = 12, B = 30;
  const number = (v) => (v === 0 ? "0" : Math.abs(v) >= 1e5 || Math.abs(v) < 1e-3
    ? v.toExponential(2) : Number(v.toPrecision(3)).toString());
  const whole = (v) => Math.round(v).toLocaleString("en-US");

  function enhance(figure) {
    const data = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
    const svg = figure.querySelector("svg");
    const reset = figure.querySelector("button");
    const live = figure.querySelector("[aria-live]");
    const logged = data.series[0];
    const full = [data.x0, data.x1];
    let view = full.slice(), drag = null, at = -1, tip = null;
    const make = (name, cls) => {
      const node = document.createElementNS("http://www.w3.org/2000/svg", name);
      node.setAttribute("class", cls);
      svg.appendChild(node);
      return node;
    };
    const scale = () => {
      let low = Infinity, high = -Infinity;
      for (const s of data.series)
        for (let i = 0; i < s.x.length; i++)
          if (s.y[i] !== null && s.x[i] >= view[0] && s.x[i] <= view[1]) {
            low = Math.min(low, s.y[i]); high = Math.max(high, s.y[i]);
          }
      if (!(low <= high)) { low = 0; high = 1; }
      const pad = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
      return [low >= 0 && low < pad ? 0 : low - pad, high + pad];
    };
    const px = (x) => L + (x - view[0]) / (view[1] - view[0] || 1) * (W - L - R);
    function draw() {
      const [y0, y1] = scale();
      const py = (y) => T + (y1 - y) / (y1 - y0) * (H - T - B);
      svg.querySelectorAll("path[data-series]").forEach((path, k) => {
        const s = data.series[k];
        let d = "", pen = false;
        for (let i = 0; i < s.x.length; i++) {
          if (s.y[i] === null || s.x[i] < view[0] || s.x[i] > view[1]) { pen = false; continue; }
          d += (pen ? "L" : "M") + px(s.x[i]).toFixed(1) + " " + py(s.y[i]).toFixed(1);
          pen = true;
        }
        path.setAttribute("d", d);
      });
      svg.querySelectorAll("rect.range").forEach((rect, k) => {
        const a = Math.max(data.ranges[k][0], view[0]), b = Math.min(data.ranges[k][1], view[1]);
        const width = b < a ? 0 : Math.max(px(b) - px(a), 3);
        rect.setAttribute("x", Math.min(px(a), W - R)); rect.setAttribute("width", width);
        rect.style.display = width ? "" : "none";
      });
      svg.querySelectorAll("text.x").forEach((t, k) => { t.textContent = whole(view[0] + (view[1] - view[0]) * k / 4); });
      svg.querySelectorAll("text.y").forEach((t, k) => { t.textContent = number(y0 + (y1 - y0) * k / 4); });
      reset.hidden = view[0] === full[0] && view[1] === full[1];
      svg.dataset.x0 = view[0]; svg.dataset.x1 = view[1];
      return py;
    }
    function show(index) {
      at = index;
      const py = draw(), x = logged.x[index], y = logged.y[index];
      hide();
      if (y === null || x < view[0] || x > view[1]) return;
      const line = make("line", "cursor hover"), dot = make("circle", "dot hover");
      line.setAttribute("x1", px(x)); line.setAttribute("x2", px(x));
      line.setAttribute("y1", T); line.setAttribute("y2", H - B);
      dot.setAttribute("cx", px(x)); dot.setAttribute("cy", py(y)); dot.setAttribute("r", 4);
      const text = "step " + whole(x) + ": " + Number(y.toPrecision(6)).toString();
      tip = document.createElement("div");
      tip.className = "tip"; tip.textContent = text;
      figure.appendChild(tip);
      const box = svg.getBoundingClientRect(), outer = figure.getBoundingClientRect();
      const left = box.left - outer.left + px(x) / W * box.width;
      tip.style.left = Math.max(0, Math.min(left + 8, outer.width - tip.offsetWidth)) + "px";
      tip.style.top = box.top - outer.top + 8 + "px";
      live.textContent = text;
    }
    function hide() {
      svg.querySelectorAll(".hover").forEach((node) => node.remove());
      if (tip) { tip.remove(); tip = null; }
    }
    const value = (event) => {
      const box = svg.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width * W;
      return view[0] + (Math.min(Math.max(x, L), W - R) - L) / (W - L - R) * (view[1] - view[0]);
    };
    const nearest = (x) => {
      let best = -1, least = Infinity;
      for (let i = 0; i < logged.x.length; i++) {
        const far = Math.abs(logged.x[i] - x);
        if (logged.y[i] !== null && far < least) { least = far; best = i; }
      }
      return best;
    };
    function zoom(a, b) {
      if (b - a < (full[1] - full[0]) / 1000) return;
      view = [Math.max(a, full[0]), Math.min(b, full[1])];
      hide(); draw();
      live.textContent = "steps " + whole(view[0]) + " to " + whole(view[1]);
    }
    function whole_view() { view = full.slice(); hide(); draw(); live.textContent = "all steps"; }
    svg.setAttribute("tabindex", "0");
    svg.addEventListener("pointermove", (event) => {
      if (drag) {
        const a = px(drag.from), b = px(value(event));
        drag.box.setAttribute("x", Math.min(a, b)); drag.box.setAttribute("width", Math.abs(b - a));
        return;
      }
      const index = nearest(value(event));
      if (index >= 0) show(index);
    });
    svg.addEventListener("pointerleave", () => { if (!drag) hide(); });
    svg.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.pointerType === "touch") return;
      event.preventDefault();
      hide();
      const box = make("rect", "select");
      box.setAttribute("y", T); box.setAttribute("height", H - T - B); box.setAttribute("width", 0);
      drag = { from: value(event), box };
      svg.setPointerCapture(event.pointerId);
      svg.focus();
    });
    svg.addEventListener("pointerup", (event) => {
      if (!drag) return;
      const a = drag.from, b = value(event);
      drag.box.remove(); drag = null;
      zoom(Math.min(a, b), Math.max(a, b));
    });
    svg.addEventListener("dblclick", whole_view);
    reset.addEventListener("click", whole_view);
    svg.addEventListener("keydown", (event) => {
      const span = view[1] - view[0], middle = at >= 0 ? logged.x[at] : (view[0] + view[1]) / 2;
      if (event.key === "ArrowRight") show(Math.min(at + 1, logged.x.length - 1));
      else if (event.key === "ArrowLeft") show(Math.max(at - 1, 0));
      else if (event.key === "+") zoom(middle - span / 4, middle + span / 4);
      else if (event.key === "-") zoom(middle - span, middle + span);
      else if (event.key === "Escape") whole_view();
      else return;
      event.preventDefault();
    });
    draw();
  }
  document.querySelectorAll("figure.plot").forEach(enhance);
  const toggle = document.getElementById("scheme");
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.scheme ? root.dataset.scheme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.scheme = dark ? "light" : "dark";
  });
})();
