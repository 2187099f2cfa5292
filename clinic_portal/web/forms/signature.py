"""A signature, drawn by finger, pen or mouse, or typed: whoever cannot draw signs as well (P10)."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.utils.imports import ImportVar

from clinic_portal.forms.answers import HEIGHT, POINTS_MOST, WIDTH
from clinic_portal.web.components.basics import SMALL


class Pad(rx.Component):
    """A field to draw in. What is drawn lies as JSON in a hidden input, the part `strokes` of the answer (see `sheet`)."""

    tag = "SignatureField"
    name: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        """React's hooks."""
        return {"react": [ImportVar(tag=one) for one in ("useEffect", "useRef", "useState")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        sizes = f"const PAD = {{ width: {WIDTH}, height: {HEIGHT}, most: {POINTS_MOST} }};"
        return [sizes + _CODE]


_CODE = """
const strokesIn = (field) => { try { return JSON.parse(field.value || "[]"); } catch { return []; } };
const drawStrokes = (canvas, strokes) => {
  const scale = window.devicePixelRatio || 1, box = canvas.getBoundingClientRect();
  if (!box.width) return;
  canvas.width = Math.round(box.width * scale);
  canvas.height = Math.round(box.height * scale);
  const pen = canvas.getContext("2d"), unit = canvas.width / PAD.width;
  pen.scale(unit, unit);
  pen.lineWidth = 3; pen.lineCap = pen.lineJoin = "round"; pen.strokeStyle = "#1d2530";
  for (const stroke of strokes) {
    pen.beginPath();
    pen.moveTo(...stroke[0]);
    if (stroke.length === 1) pen.lineTo(stroke[0][0] + 0.1, stroke[0][1]);
    for (let n = 1; n < stroke.length; n++) {
      const [x, y] = stroke[n], [nextX, nextY] = stroke[n + 1] ?? stroke[n];
      pen.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
    }
    pen.stroke();
  }
};
function SignatureField({ name }) {
  const canvas = useRef(null), field = useRef(null);
  const [count, setCount] = useState(0);
  const show = () => { const told = strokesIn(field.current); setCount(told.length); drawStrokes(canvas.current, told); };
  const keep = (strokes) => {
    field.current.value = JSON.stringify(strokes);
    show();
    field.current.dispatchEvent(new Event("input", { bubbles: true }));
  };
  useEffect(() => {
    const pad = canvas.current, kept = field.current;
    let strokes = [], now = null;
    const at = (event) => {
      const box = pad.getBoundingClientRect();
      const fit = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
      return [fit(((event.clientX - box.left) / box.width) * PAD.width, PAD.width),
        fit(((event.clientY - box.top) / box.height) * PAD.height, PAD.height)];
    };
    const down = (event) => {
      if (!event.isPrimary || event.button > 0) return;
      event.preventDefault();
      strokes = strokesIn(kept);
      if (strokes.length >= 200 || strokes.flat().length >= PAD.most) return;
      pad.setPointerCapture(event.pointerId);
      now = [at(event)];
      drawStrokes(pad, [...strokes, now]);
    };
    const move = (event) => {
      if (!now || !event.isPrimary) return;
      for (const one of event.getCoalescedEvents?.() ?? [event]) {
        const point = at(one), last = now[now.length - 1];
        if (Math.hypot(point[0] - last[0], point[1] - last[1]) >= 3) now.push(point);
      }
      drawStrokes(pad, [...strokes, now]);
    };
    const up = (event) => {
      if (!now || !event.isPrimary) return;
      const room = PAD.most - strokes.flat().length;
      keep([...strokes, now.slice(0, room)]);
      now = null;
    };
    const fresh = new ResizeObserver(() => { if (!now) drawStrokes(pad, strokesIn(kept)); });
    fresh.observe(pad);
    const all = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: up };
    for (const [what, act] of Object.entries(all)) pad.addEventListener(what, act);
    kept.addEventListener("written", show);
    kept.value ||= "[]"; // not by React, which would put it back while somebody draws
    show();
    return () => {
      fresh.disconnect();
      for (const [what, act] of Object.entries(all)) pad.removeEventListener(what, act);
      kept.removeEventListener("written", show);
    };
  }, []);
  return jsx("div", { className: "pad" },
    jsx("canvas", { ref: canvas, role: "img", "data-pad": name,
      "aria-label": count ? "The signature is drawn" : "Draw the signature here, or choose Type" }),
    jsx("input", { ref: field, type: "hidden", name: name + "-strokes", "data-part": "strokes" }),
    jsx("div", { className: "pad-tools" },
      jsx("span", { "aria-hidden": true }, count ? "" : "Sign with your finger or mouse"),
      jsx("button", { type: "button", className: "link", disabled: !count,
        onClick: () => keep(strokesIn(field.current).slice(0, -1)) }, "Undo"),
      jsx("button", { type: "button", className: "link", disabled: !count, onClick: () => keep([]) }, "Clear")));
}
"""


def signature(one: Any, *, name: Any = "") -> rx.Component:
    """Who signs, `name` to begin with, and the signature: the two ways as a choice.

    Outside a sheet, in a form that is submitted, its fields are `<link>-name`, `-relation`, `-method` and `-strokes`.
    """

    def way(value: str, label: str) -> rx.Component:
        return rx.el.label(
            rx.el.input(
                type="radio",
                name=f"{one.link}-method",
                id=f"{one.link}-{value}",
                value=value,
                default_checked=value == "drawn",
                custom_attrs={"data-part": "method"},
            ),
            rx.el.span(label),
            class_name="pick way",
        )

    def line(part: str, label: str, value: Any = "") -> rx.Component:
        return rx.el.div(
            rx.el.label(label, html_for=f"{one.link}-{part}", class_name="block font-medium text-[13px] mb-1"),
            rx.el.input(
                id=f"{one.link}-{part}",
                name=f"{one.link}-{part}",
                type="text",
                auto_complete="off",
                default_value=value,
                max_length=120,
                class_name="field",
                custom_attrs={"data-part": part},
            ),
        )

    return rx.el.div(
        rx.el.div(
            line("name", "Full name", name),
            rx.cond(one.relation, line("relation", "Relation to the patient")),
            class_name="grid sm:grid-cols-2 gap-3",
        ),
        rx.el.div(
            way("drawn", "Draw"),
            way("typed", "Type"),
            role="radiogroup",
            aria_label="How you sign",
            class_name="ways",
        ),
        Pad.create(name=one.link),
        rx.el.p(
            "Your full name, as typed above, is your signature. It counts as much as a drawn one.",
            class_name=f"{SMALL} typed-note",
        ),
        class_name="grid gap-4",
    )
