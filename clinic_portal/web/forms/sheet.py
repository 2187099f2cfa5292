"""A form that saves itself: every answer leaves the page as it is given, and stays in it until the server has it (S7).

The controls inside are plain elements of the page: a box per question (`data-link`, and in `data-shape` how its answer
is put together) around inputs (`data-part`). The sheet reads and writes those; so what is typed is never overwritten
while it is on its way, whatever the server says meanwhile, and a lost connection keeps it until there is one again.
"""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import no_args_event_spec
from reflex.utils.imports import ImportVar

PAUSE_MS = 450
"""How long after a keystroke an answer leaves at the latest."""


def _of_an_answer(
    form: rx.Var[int], link: rx.Var[str], value: rx.Var[Any], base: rx.Var[int], mark: rx.Var[str]
) -> list[rx.Var[Any]]:
    return [form, link, value, base, mark]


class Sheet(rx.Component):
    """Saves the answers of the boxes in it, to the request `form`.

    `answers` are what the server has, as JSON by link id; `seen` the revisions they were last changed at; `acks` the
    mark of the last answer of each that the server has taken. `on_look` is called now and then, and when somebody comes
    back to the page: another device may have answered.
    """

    tag = "Sheet"
    form: rx.Var[int]
    answers: rx.Var[dict[str, str]]
    seen: rx.Var[dict[str, int]]
    acks: rx.Var[dict[str, str]]
    is_lost: rx.Var[bool]
    on_answer: rx.EventHandler[_of_an_answer]  # type: ignore[type-arg, valid-type]
    on_look: rx.EventHandler[no_args_event_spec]  # type: ignore[type-arg, valid-type]

    def add_imports(self) -> dict[str, Any]:
        """React's hooks."""
        return {"react": [ImportVar(tag=one) for one in ("useEffect", "useLayoutEffect", "useRef")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [_CODE.replace("PAUSE_MS", str(PAUSE_MS))]


_CODE = """
const waitingOf = {};
let sendNow = null;
// Heard before the framework hears it, which ends the connection then.
if (typeof window !== "undefined") window.addEventListener("beforeunload", () => sendNow?.(false));
let answerNumber = 0;
const sheetAddress = () => window.location.pathname + window.location.search;
const partsOf = (box, part) => [...box.querySelectorAll(`[data-part="${part}"]`)];
const valueOf = (box, part) => {
  const found = partsOf(box, part);
  if (!found.length) return "";
  if (found[0].type === "radio" || found[0].type === "checkbox") return found.find((one) => one.checked)?.value ?? "";
  return found[0].value.replace(/[\\uD800-\\uDFFF]/gu, "");
};
const namesIn = (box) => [...new Set([...box.querySelectorAll("[data-part]")].map((one) => one.dataset.part))];
const allOf = (box) => Object.fromEntries(namesIn(box).map((part) => [part, valueOf(box, part)]));
const readAnswer = (box) => {
  switch (box.dataset.shape) {
    case "many": return partsOf(box, "answer").filter((one) => one.checked).map((one) => one.value);
    case "parts": return allOf(box);
    case "signature": { const told = allOf(box); return { ...told, strokes: JSON.parse(told.strokes || "[]") }; }
    case "json": return JSON.parse(valueOf(box, "answer") || "null");
    case "rows": {
      const none = valueOf(box, "none") === "yes";
      return { none, rows: none ? [] : [...box.querySelectorAll("[data-row]")].map(allOf) };
    }
    default: return valueOf(box, "answer");
  }
};
const put = (one, value) => {
  if (one.type === "radio" || one.type === "checkbox") {
    const on = Array.isArray(value) ? value.includes(one.value) : value === one.value;
    if (one.checked !== on) one.checked = on;
  } else if (one.value !== value && !(one === document.activeElement && one.value.normalize("NFC") === value)) {
    one.value = value;
    one.dispatchEvent(new CustomEvent("written"));
  }
};
const writeAnswer = (box, answer) => {
  const told = answer ?? {};
  switch (box.dataset.shape) {
    case "many": partsOf(box, "answer").forEach((one) => put(one, answer ?? [])); break;
    case "parts": namesIn(box).forEach((part) => partsOf(box, part).forEach((one) => put(one, told[part] ?? ""))); break;
    case "signature": namesIn(box).forEach((part) => partsOf(box, part).forEach((one) =>
      put(one, part === "strokes" ? JSON.stringify(told.strokes ?? []) : told[part] ?? ""))); break;
    case "json": partsOf(box, "answer").forEach((one) => put(one, JSON.stringify(answer ?? []))); break;
    case "rows":
      partsOf(box, "none").forEach((one) => put(one, told.none ? "yes" : ""));
      [...box.querySelectorAll("[data-row]")].forEach((row, n) => namesIn(row).forEach((part) =>
        partsOf(row, part).forEach((one) => put(one, told.rows?.[n]?.[part] ?? ""))));
      break;
    default: partsOf(box, "answer").forEach((one) => put(one, answer ?? ""));
  }
};
function Sheet({ form, answers, seen, acks, isLost, onAnswer, onLook, children }) {
  const root = useRef(null);
  const now = useRef({});
  now.current = { answers, seen, acks, isLost, onAnswer, onLook };
  const acting = useRef({});
  const write = () => {
    const waiting = waitingOf[form] ?? {};
    root.current?.querySelectorAll("[data-link]").forEach((box) => {
      const link = box.dataset.link, told = now.current.answers[link];
      writeAnswer(box, link in waiting ? waiting[link].value : told === undefined ? null : JSON.parse(told));
    });
  };
  const say = () => {
    const line = document.getElementById("save-state");
    if (!line) return;
    const waits = Object.keys(waitingOf[form] ?? {}).length > 0;
    const state = !waits ? "saved" : now.current.isLost ? "lost" : "saving";
    if (line.dataset.state === state) return;
    line.dataset.state = state;
    line.textContent = { saved: "Saved", saving: "Saving…", lost: "Not saved yet: no connection" }[state];
  };
  useLayoutEffect(() => {
    const waiting = waitingOf[form] ?? {};
    for (const link of Object.keys(waiting)) if (acks[link] === waiting[link].mark) delete waiting[link];
    write();
    say();
  });
  useEffect(() => { acting.current.send?.(true); }, [isLost]);
  useEffect(() => {
    const box = root.current, address = sheetAddress();
    const waiting = (waitingOf[form] ??= {});
    let timer = 0, due = Infinity;
    const send = (again) => {
      clearTimeout(timer); due = Infinity;
      if (now.current.isLost) return;
      for (const [link, one] of Object.entries(waiting)) {
        if (one.sentAt && !again) continue;
        one.sentAt = performance.now();
        now.current.onAnswer(form, link, one.value, one.base, one.mark);
      }
    };
    acting.current.send = sendNow = send;
    const sendIn = (ms) => {
      const at = performance.now() + ms;
      if (at >= due) return;
      due = at; clearTimeout(timer); timer = setTimeout(send, ms);
    };
    const edited = (event) => {
      const question = event.target.closest?.("[data-link]");
      if (!question || !event.target.dataset?.part) return;
      const link = question.dataset.link;
      if (question.dataset.shape === "many" && event.target.checked) partsOf(question, "answer").forEach((one) => {
        if ((one.value === "none") !== (event.target.value === "none")) one.checked = false;  // "none of these" stands alone
      });
      const base = waiting[link]?.base ?? now.current.seen[link] ?? 0;
      waiting[link] = { value: readAnswer(question), base, mark: `${Date.now().toString(36)}-${++answerNumber}`, sentAt: 0 };
      say();
      sendIn(["text", "textarea", "email", "tel", "date"].includes(event.target.type) ? PAUSE_MS : 0);
    };
    const left = () => send(false);
    const shortcut = (event) => { if (event.ctrlKey || event.metaKey) send(false); };
    const hidden = () => {
      if (document.visibilityState === "hidden") send(false);
      else if (now.current.onLook && !Object.keys(waiting).length) now.current.onLook();
    };
    const leaving = (event) => {
      send(false);
      if (now.current.isLost && Object.keys(waiting).length) event.preventDefault();
    };
    const look = setInterval(() => {
      const stale = Object.values(waiting).some((one) => one.sentAt && performance.now() - one.sentAt > 4000);
      if (stale) send(true);
      else if (document.visibilityState === "visible" && !now.current.isLost && !Object.keys(waiting).length
        && performance.now() - looked > 15000) { looked = performance.now(); now.current.onLook?.(); }
    }, 1000);
    let looked = performance.now();
    const watcher = new MutationObserver(() => { write(); say(); });
    watcher.observe(box, { childList: true, subtree: true });
    box.addEventListener("input", edited);
    box.addEventListener("focusout", left);
    document.documentElement.addEventListener("mouseleave", left);
    window.addEventListener("keydown", shortcut);
    document.addEventListener("visibilitychange", hidden);
    window.addEventListener("pagehide", left, true);
    window.addEventListener("beforeunload", leaving, true);
    write();
    send(true);
    return () => {
      acting.current.send = sendNow = null;
      send(false);
      clearTimeout(timer); clearInterval(look); watcher.disconnect();
      box.removeEventListener("input", edited);
      box.removeEventListener("focusout", left);
      document.documentElement.removeEventListener("mouseleave", left);
      window.removeEventListener("keydown", shortcut);
      document.removeEventListener("visibilitychange", hidden);
      window.removeEventListener("pagehide", left, true);
      window.removeEventListener("beforeunload", leaving, true);
      setTimeout(() => { if (address !== sheetAddress()) delete waitingOf[form]; }, 500);
    };
  }, []);
  return jsx("div", { ref: root }, children);
}
"""

sheet = Sheet.create
