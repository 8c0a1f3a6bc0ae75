/* Live pages. Everything works without this file; with it a page renews what it marks
 * data-live when the server says that something changed, and searching or sorting the
 * class swaps the table without loading the whole page. */
"use strict";

(() => {
  const LEAST_MS = 1000; /* between two renewals: a whole class may push at once */

  /* --- renewing --- */

  let asked = 0;

  /* Where the reader is: swapping must not lose it. */
  const keep = (part) => {
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const scrolls = [...part.querySelectorAll(".scroll")].map((s) => [s.scrollLeft, s.scrollTop]);
    const open = [...part.querySelectorAll("details")].map((d) => d.open);
    const typed = [...part.querySelectorAll("input[id]")].filter((i) => i.value !== i.defaultValue)
      .map((i) => [i.id, i.value, i.selectionStart, i.selectionEnd]);
    return { focused, href: focused && focused.getAttribute("href"), scrolls, open, typed };
  };

  const restore = (part, kept) => {
    [...part.querySelectorAll(".scroll")].forEach((s, i) => {
      if (kept.scrolls[i]) [s.scrollLeft, s.scrollTop] = kept.scrolls[i];
    });
    const details = part.querySelectorAll("details");
    if (details.length === kept.open.length) details.forEach((d, i) => { d.open = kept.open[i]; });
    for (const [id, value, start, end] of kept.typed) {
      const field = document.getElementById(id);
      if (!field) continue;
      field.value = value;
      if (start !== null) field.setSelectionRange(start, end);
    }
    if (!kept.focused) return;
    const same = kept.focused.id ? document.getElementById(kept.focused.id)
      : kept.href ? part.querySelector(`a[href="${CSS.escape(kept.href)}"]`)
        : part.querySelector(`${kept.focused.localName}[value="${CSS.escape(kept.focused.value || "")}"]`);
    if (same) same.focus({ preventScroll: true });
  };

  /* As the server sent each part: what stands in the page has other words for its times. */
  const sent = new Map();
  const rememberSent = (part) => sent.set(part.id, part.outerHTML);

  const swap = (fresh) => {
    for (const part of document.querySelectorAll("[data-live]")) {
      const other = fresh.getElementById(part.id);
      if (!other || other.outerHTML === sent.get(part.id)) continue;
      rememberSent(other);
      const kept = keep(part);
      part.replaceWith(other);
      restore(other, kept);
    }
    times();
  };

  /* Fetches an address of ours and swaps; the newest answer wins. */
  const load = async (address) => {
    const mine = ++asked;
    const response = await fetch(address, { headers: { Accept: "text/html" } });
    if (response.redirected && new URL(response.url).pathname === "/signin") {
      location.assign(response.url);
      return;
    }
    if (!response.ok) throw new Error(String(response.status));
    const text = await response.text();
    if (mine === asked) swap(new DOMParser().parseFromString(text, "text/html"));
  };

  let timer = 0;
  let last = 0;
  const renew = () => {
    if (timer) return;
    const wait = Math.max(0, last + LEAST_MS - Date.now());
    timer = setTimeout(() => {
      timer = 0;
      last = Date.now();
      load(location.href).catch(() => {});
    }, wait);
  };

  /* --- events --- */

  const say = (text) => {
    const said = document.getElementById("said");
    if (said) said.textContent = text;
  };

  const verdict = (event) => {
    renew();
    const own = document.getElementById("student");
    try {
      const data = JSON.parse(event.data);
      /* Staff hear of every student; this page is of one. */
      if (own && own.dataset.student === data.student) say(`Graded: ${data.score} of ${data.max_score} points.`);
    } catch { /* what cannot be read is not said */ }
  };

  const follow = (address) => {
    const light = document.getElementById("live");
    const show = (on) => {
      if (!light) return;
      light.hidden = false;
      light.textContent = on ? "live" : "connecting";
      light.classList.toggle("on", on);
    };
    let source = null;
    let missed = false;
    let again = 0;
    let pause = 5000; /* before it is tried again, in ms */
    const start = () => {
      if (source) return;
      clearTimeout(again);
      source = new EventSource(address);
      source.onopen = () => {
        show(true);
        pause = 5000;
        if (missed) renew();
        missed = false;
      };
      source.onerror = () => {
        show(false);
        missed = true;
        /* A browser comes back by itself from a broken connection, and never from an answer such as a
           proxy's 502 while the server is restarted. Not all at once; and the later, the longer it takes:
           whoever was signed out is not let in for asking often. */
        if (source.readyState === EventSource.CLOSED) {
          stop();
          again = setTimeout(() => { if (!document.hidden) start(); }, pause * (1 + Math.random()));
          pause = Math.min(2 * pause, 60000);
        }
      };
      source.addEventListener("queue", renew);
      source.addEventListener("notice", renew);
      source.addEventListener("verdict", verdict);
    };
    const stop = () => {
      clearTimeout(again);
      if (source) source.close();
      source = null;
      missed = true;
    };
    /* A page that nobody sees needs no connection. */
    document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
    window.addEventListener("pagehide", stop);
    window.addEventListener("pageshow", (event) => { if (event.persisted) start(); });
    if (!document.hidden) start();
  };

  /* --- sort and search of the class --- */

  const go = (address) => {
    history.replaceState(null, "", address);
    load(address).catch(() => location.assign(address));
  };

  const formAddress = (form) => {
    const fields = new URLSearchParams(new FormData(form));
    for (const [name, value] of [...fields]) if (!value) fields.delete(name);
    return `${form.getAttribute("action")}?${fields}`;
  };

  /* The search keeps the order that a click on a column has chosen since. */
  const remember = (address) => {
    const form = document.querySelector("form[data-swap]");
    if (!form) return;
    const chosen = new URL(address, location.href).searchParams;
    for (const name of ["sort", "desc"]) {
      let field = form.querySelector(`input[name="${name}"]`);
      if (!field) {
        field = document.createElement("input");
        field.type = "hidden";
        field.name = name;
        form.append(field);
      }
      field.value = chosen.get(name) || "";
    }
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-swap]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    remember(link.href);
    go(link.getAttribute("href"));
  });

  let typing = 0;
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-swap]");
    if (!form) return;
    clearTimeout(typing);
    typing = setTimeout(() => go(formAddress(form)), 150);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-swap]");
    if (!form) return;
    event.preventDefault();
    clearTimeout(typing);
    go(formAddress(form));
  });

  /* --- small things --- */

  const span = (s) => (s < 60 ? `${s} s` : s < 3600 ? `${Math.floor(s / 60)} min`
    : s < 86400 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86400)} d`);

  /* Dates are in the course's time. Who reads them somewhere else sees their own beside it. */
  function elsewhere(time, at) {
    const two = (n) => String(n).padStart(2, "0");
    const here = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
    if (time.dataset.here || time.textContent.startsWith(here) || !/^\d{4}-/.test(time.textContent)) return;
    time.dataset.here = here;
    time.after(` (${here} your time)`);
  }

  function times() {
    for (const time of document.querySelectorAll("time")) {
      const at = new Date(time.dateTime);
      const past = Math.round((Date.now() - at) / 1000);
      time.title = at.toLocaleString();
      if (!("ago" in time.dataset) && !("for" in time.dataset)) elsewhere(time, at);
      if ("ago" in time.dataset && past >= 5) time.textContent = `${span(past)} ago`;
      if ("for" in time.dataset) time.textContent = span(Math.max(past, 0));
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    const text = document.getElementById(button.dataset.copy).textContent;
    navigator.clipboard.writeText(text).then(() => say("Copied."), () => say("Copying is not allowed here."));
  });
  if (navigator.clipboard) for (const b of document.querySelectorAll("button[data-copy]")) b.hidden = false;

  /* Zooming keeps the moment in view that the picture is about: when the peer sends. */
  document.addEventListener("change", (event) => {
    const figure = event.target.closest(".timeline");
    const lanes = figure && figure.querySelector(".lanes");
    const sent = lanes && lanes.querySelector(".sent");
    if (!sent) return;
    const at = sent.getBoundingClientRect().left - lanes.getBoundingClientRect().left;
    lanes.scrollLeft += at - lanes.clientWidth / 2;
  });

  /* A cited line may lie in a folded stretch. */
  const unfold = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    let opened = false;
    for (let at = target; at; at = at.parentElement) {
      if (at.localName !== "details" || at.open) continue;
      at.open = true;
      opened = true;
    }
    /* The browser has gone to what was there; what stood in a fold it could not find. */
    if (opened) target.scrollIntoView({ block: target.offsetHeight > innerHeight / 2 ? "start" : "center" });
  };
  window.addEventListener("hashchange", unfold);
  if (location.hash) unfold();

  document.querySelectorAll("[data-live]").forEach(rememberSent);
  times();
  /* What is seconds old is older soon; a page that nobody sees needs no clock. */
  setInterval(() => { if (!document.hidden) times(); }, document.querySelector("[data-for]") ? 1000 : 5000);
  if (document.body.dataset.events) follow(document.body.dataset.events);
})();
