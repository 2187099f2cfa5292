"""The calendar's grid in the hand: visits are moved and lengthened by mouse, finger and keyboard.

What is shown comes from the server; this only says what somebody wants, and draws where it would lie meanwhile.
"""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import no_args_event_spec, passthrough_event_spec
from reflex.utils.imports import ImportVar

from clinic_portal.web.admin.day_shapes import HOUR_PIXELS

STEP_MINUTES = 5


class DayGrid(rx.Component):
    """Its children are the axis and the columns: lists with `data-on` and `data-provider`, blocks with `data-visit`.

    `on_put`: a visit was dropped (visit, sequence, provider or 0, day, minute of the day, minutes; all as they are
    wanted). `on_ask`: its move was asked for by key or button. `on_place`: an empty place was chosen (provider or 0,
    day, minute or -1). `on_off`: time off was chosen. `on_tick`: some minutes went by, and now is elsewhere. While
    `is_asking`, what was dropped stays where it was put; a new `turn` says that the server has answered.
    """

    tag = "DayGrid"
    first: rx.Var[int]
    language: rx.Var[str]
    is_asking: rx.Var[bool]
    may_place: rx.Var[bool]
    turn: rx.Var[int]
    tracks: rx.Var[str]
    shown: rx.Var[str]
    on_put: rx.EventHandler[passthrough_event_spec(int, int, int, str, int, int)]  # type: ignore[type-arg, valid-type]
    on_ask: rx.EventHandler[passthrough_event_spec(int)]  # type: ignore[type-arg, valid-type]
    on_place: rx.EventHandler[passthrough_event_spec(int, str, int)]  # type: ignore[type-arg, valid-type]
    on_off: rx.EventHandler[passthrough_event_spec(int)]  # type: ignore[type-arg, valid-type]
    on_tick: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]

    def add_imports(self) -> dict[str, Any]:
        """React's hooks."""
        return {"react": [ImportVar(tag=one) for one in ("useEffect", "useRef")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [f"const DAY_GRID = {{ hour: {HOUR_PIXELS}, step: {STEP_MINUTES} }};", _CODE]


_CODE = """
const gridClock = (minute, language) => new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit",
  timeZone: "UTC" }).format(new Date(minute * 60000));
const inGrid = (minutes) => Math.floor((minutes * DAY_GRID.hour) / 60);
const stepped = (minutes) => Math.round(minutes / DAY_GRID.step) * DAY_GRID.step;
function DayGrid(props) {
  const { first, isAsking, turn, tracks, shown, children } = props;
  const box = useRef(null), ghost = useRef(null), latest = useRef(props), held = useRef(null), at = useRef(null);
  latest.current = props;
  useEffect(() => {  // to now, or to the first visit
    const one = box.current.querySelector(".now-line") ?? box.current.querySelector(".slot[data-visit]");
    if (one) box.current.scrollTop = Math.max(0, one.offsetTop - 120);
  }, [shown]);
  useEffect(() => {
    const timer = setInterval(() => { if (document.visibilityState === "visible") latest.current.onTick?.(); }, 180000);
    return () => clearInterval(timer);
  }, []);
  const letGo = () => {
    held.current?.slot.classList.remove("is-held");
    held.current = null;
    if (ghost.current) ghost.current.hidden = true;
  };
  useEffect(() => { if (!isAsking && !held.current?.isMoving) letGo(); }, [isAsking, turn]);
  useEffect(() => {  // what had the focus was drawn anew elsewhere
    if (at.current && document.activeElement === document.body)
      box.current.querySelector(`.slot[data-visit="${at.current}"] a`)?.focus({ preventScroll: true });
  });
  useEffect(() => {
    const grid = box.current;
    let waiting = null, swallows = false, frame = 0, last = null;
    const lists = () => [...grid.querySelectorAll("ul[data-on]")];
    const slotOf = (event) => event.target.closest?.(".slot[data-visit]");
    const facts = (slot) => ({ visit: +slot.dataset.visit, sequence: +slot.dataset.sequence, minutes: +slot.dataset.minutes,
      start: +slot.dataset.start });
    const begin = (slot, event, isTouch) => {
      const seen = slot.getBoundingClientRect();
      held.current = { ...facts(slot), slot, from: slot.parentElement, to: slot.parentElement, isMoving: true, isTouch,
        isLength: event.clientY > seen.bottom - (isTouch ? 14 : 9), dy: event.clientY - seen.top, y: event.clientY,
        scroll: grid.scrollTop };
      held.current.at = held.current.start; held.current.long = held.current.minutes;
      slot.classList.add("is-held");
      frame = requestAnimationFrame(roll);
    };
    const draw = () => {
      const now = held.current, list = now.to.getBoundingClientRect(), seen = grid.getBoundingClientRect(), lines = ghost.current;
      lines.hidden = false;
      lines.style.left = `${list.left - seen.left + grid.scrollLeft - grid.clientLeft + 5}px`;
      lines.style.top = `${list.top - seen.top + grid.scrollTop - grid.clientTop + inGrid(now.at - latest.current.first)}px`;
      lines.style.width = `${list.width - 10}px`;
      lines.style.height = `${Math.max(22, inGrid(now.long))}px`;
      const words = latest.current.language, where = now.to === now.from ? "" : ` · ${now.to.getAttribute("aria-label")}`;
      lines.textContent = `${gridClock(now.at, words)} – ${gridClock(now.at + now.long, words)}${where}`;
    };
    const drag = (x, y) => {
      const now = held.current;
      last = { x, y };
      if (now.isLength) {
        now.long = Math.max(DAY_GRID.step, stepped(now.minutes + ((y - now.y + grid.scrollTop - now.scroll) * 60) / DAY_GRID.hour));
      } else {
        const under = lists().find((one) => { const seen = one.getBoundingClientRect(); return x >= seen.left && x < seen.right; });
        if (under && (under.dataset.provider !== "0" || under.dataset.on !== now.from.dataset.on)) now.to = under;
        else if (under) now.to = now.from;
        const top = now.to.getBoundingClientRect().top, most = latest.current.first + (now.to.offsetHeight * 60) / DAY_GRID.hour;
        const wanted = stepped(latest.current.first + ((y - now.dy - top) * 60) / DAY_GRID.hour);
        now.at = Math.min(Math.max(latest.current.first, wanted), most - DAY_GRID.step);
      }
      draw();
    };
    const roll = () => {  // near an edge the grid goes along
      if (!held.current?.isMoving) return;
      const seen = grid.getBoundingClientRect();
      if (last) {
        const speed = (place, low, high) => (place < low + 40 ? -9 : place > high - 40 ? 9 : 0);
        const dx = speed(last.x, seen.left + 64, seen.right), dy = speed(last.y, seen.top + 66, seen.bottom);
        const before = [grid.scrollLeft, grid.scrollTop];
        if (dx || dy) grid.scrollBy(dx, dy);
        if (grid.scrollLeft !== before[0] || grid.scrollTop !== before[1]) drag(last.x, last.y);
      }
      frame = requestAnimationFrame(roll);
    };
    const stop = () => { clearTimeout(waiting?.timer); waiting = null; cancelAnimationFrame(frame); last = null; };
    const cancel = () => { stop(); if (held.current?.isMoving) letGo(); };
    const down = (event) => {
      const slot = slotOf(event);
      if (!slot || slot.classList.contains("still") || event.button !== 0 || event.target.closest("button") || latest.current.isAsking) return;
      const isTouch = event.pointerType === "touch";
      letGo();
      waiting = { slot, x: event.clientX, y: event.clientY, isTouch };
      if (isTouch) waiting.timer = setTimeout(() => {
        const since = waiting;
        if (!since) return;
        waiting = null;
        begin(since.slot, { clientX: since.x, clientY: since.y }, true);
        navigator.vibrate?.(15);
        draw();
      }, 420);
    };
    const move = (event) => {
      if (waiting && Math.hypot(event.clientX - waiting.x, event.clientY - waiting.y) > (waiting.isTouch ? 9 : 4)) {
        const since = waiting;
        clearTimeout(since.timer);
        waiting = null;
        if (!since.isTouch) begin(since.slot, { clientX: since.x, clientY: since.y }, false);
      }
      if (held.current?.isMoving) { event.preventDefault(); drag(event.clientX, event.clientY); }
    };
    const up = () => {
      const now = held.current;
      stop();
      if (!now?.isMoving) return;
      swallows = true;
      setTimeout(() => { swallows = false; }, 80);
      now.isMoving = false;
      if (now.at === now.start && now.long === now.minutes && now.to === now.from) { letGo(); return; }
      latest.current.onPut?.(now.visit, now.sequence, +now.to.dataset.provider, now.to.dataset.on, now.at, now.long);
    };
    const click = (event) => {
      if (swallows) { event.preventDefault(); event.stopPropagation(); return; }
      const near = (what) => event.target.closest?.(what), { mayPlace, first: top } = latest.current;
      const asks = near("[data-ask]"), off = near("[data-off]"), anew = near("[data-new]");
      if (asks) latest.current.onAsk?.(+asks.dataset.ask);
      else if (off) latest.current.onOff?.(+off.dataset.off);
      else if (anew) latest.current.onPlace?.(+anew.dataset.provider, anew.dataset.new, -1);
      else if (mayPlace && !slotOf(event)) {
        const list = near("ul[data-on]");
        if (!list) return;
        const minute = top + ((event.clientY - list.getBoundingClientRect().top) * 60) / DAY_GRID.hour;
        latest.current.onPlace?.(+list.dataset.provider, list.dataset.on, Math.floor(minute / 15) * 15);
      }
    };
    const go = (slot) => { const link = slot?.querySelector("a"); link?.focus(); return Boolean(link); };
    const key = (event) => {
      const slot = slotOf(event);
      if (!slot || event.ctrlKey || event.metaKey || event.altKey) return;
      const list = slot.parentElement, mine = [...list.querySelectorAll(".slot[data-visit]")], place = mine.indexOf(slot);
      const beside = (step) => {
        const all = lists(), start = +slot.dataset.start;
        for (let n = all.indexOf(list) + step; n >= 0 && n < all.length; n += step) {
          const theirs = [...all[n].querySelectorAll(".slot[data-visit]")];
          const far = (one) => Math.abs(+one.dataset.start - start);
          if (theirs.length) return theirs.reduce((best, one) => (far(one) < far(best) ? one : best));
        }
        return null;
      };
      const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (name === "ArrowDown") go(mine[place + 1]);
      else if (name === "ArrowUp") go(mine[place - 1]);
      else if (name === "ArrowRight") go(beside(1));
      else if (name === "ArrowLeft") go(beside(-1));
      else if (name === "m" && !slot.classList.contains("still")) latest.current.onAsk?.(+slot.dataset.visit);
      else if (name === "n" && latest.current.mayPlace)
        latest.current.onPlace?.(+list.dataset.provider, list.dataset.on, +slot.dataset.start + +slot.dataset.minutes);
      else return;
      event.preventDefault();
    };
    const escape = (event) => { if (event.key === "Escape" && held.current?.isMoving) { event.preventDefault(); event.stopPropagation(); cancel(); } };
    const still = (event) => { if (held.current?.isMoving && event.cancelable) event.preventDefault(); };
    const menu = (event) => { if (waiting?.isTouch || held.current?.isMoving) event.preventDefault(); };
    const native = (event) => { if (slotOf(event)) event.preventDefault(); };
    const came = (event) => { at.current = slotOf(event)?.dataset.visit ?? null; };
    const left = (event) => {
      const was = event.target;
      setTimeout(() => { if (was.isConnected && !grid.contains(document.activeElement) && !document.querySelector("dialog[open]")) at.current = null; });
    };
    const here = { pointerdown: down, keydown: key, dragstart: native, contextmenu: menu, focusin: came, focusout: left };
    const anywhere = { pointermove: move, pointerup: up, pointercancel: cancel };
    Object.entries(here).forEach(([name, what]) => grid.addEventListener(name, what));
    Object.entries(anywhere).forEach(([name, what]) => window.addEventListener(name, what));
    grid.addEventListener("click", click, true);
    grid.addEventListener("touchmove", still, { passive: false });
    window.addEventListener("keydown", escape, true);
    return () => {
      stop();
      Object.entries(here).forEach(([name, what]) => grid.removeEventListener(name, what));
      Object.entries(anywhere).forEach(([name, what]) => window.removeEventListener(name, what));
      grid.removeEventListener("click", click, true);
      grid.removeEventListener("touchmove", still);
      window.removeEventListener("keydown", escape, true);
    };
  }, []);
  return jsx("div", { ref: box, className: "plan", role: "region", tabIndex: 0, "aria-label": "Calendar",
    style: { "--tracks": tracks } }, children,
    jsx("div", { ref: ghost, className: "slot-ghost", hidden: true, "aria-hidden": true }));
}
"""

day_grid = DayGrid.create
