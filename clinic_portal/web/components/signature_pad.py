"""A field to sign in by finger, pen or mouse, the typed way beside it, and a drawn signature shown again.

Use: `signature_pad("sign", label="Your signature", on_change=Form.drawn, initial_strokes=Form.strokes, key=Form.number)`;
a new `key` clears it. The handler takes `(strokes, mark)`: strokes of `[x, y]` in a field 600 wide and 200 high, `[]`
once cleared. `signature_choice(…)` has both ways; `signature_picture(path_of(strokes), label=…)` shows what was drawn.
"""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import passthrough_event_spec
from reflex.utils.imports import ImportVar
from reflex_components_core.core.banner import has_connection_errors

from clinic_portal.forms.strokes import HEIGHT, WIDTH
from clinic_portal.web.components.answer_field import answer_field
from clinic_portal.web.components.basics import SMALL
from clinic_portal.web.components.kept import HOOKS, KEPT

POINTS_MOST, STROKES_MOST = 1500, 200
Strokes = list[list[list[int]]]


class SignaturePad(rx.Component):
    """Szymon Nowak's signature_pad, loaded once it is seen; its ink is told in a field of 600 by 200, whatever its size.

    `saved` is the mark of the last drawing the server has taken, as in `kept`; without it nothing is sent again.
    """

    tag = "SignaturePad"
    lib_dependencies: list[str] = ["signature_pad@5.1.4"]
    label: rx.Var[str]
    hint: rx.Var[str]
    initial_strokes: rx.Var[Strokes]
    saved: rx.Var[str]
    is_lost: rx.Var[bool]
    on_change: rx.EventHandler[passthrough_event_spec(Strokes, str)]  # type: ignore[type-arg, valid-type]

    def add_imports(self) -> dict[str, Any]:
        """React's hooks."""
        return HOOKS

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        sizes = f"const PAD = {{ width: {WIDTH}, height: {HEIGHT}, points: {POINTS_MOST}, strokes: {STROKES_MOST} }};"
        return [KEPT, sizes + _CODE]


_CODE = """
const PAD_STYLE = `
.sign-pad { max-width: 600px; }
.sign-paper { position: relative; aspect-ratio: 3 / 1; border: 1px solid var(--edge); border-radius: var(--radius-m); background: var(--surface); overflow: hidden; }
.sign-paper canvas { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; cursor: crosshair; }
.sign-paper::before { content: ""; position: absolute; left: 6%; right: 6%; top: 76%; border-top: 1px solid var(--edge); }
.sign-here { position: absolute; left: 6%; top: 79%; font-size: 13px; color: var(--ink-2); pointer-events: none; }
.sign-foot { display: flex; justify-content: space-between; align-items: baseline; gap: 16px; margin-top: 4px; font-size: 13px; color: var(--ink-2); }
.sign-foot .link { min-height: 32px; padding: 0 4px; } .sign-foot .link[disabled] { color: var(--ink-2); text-decoration: none; }`;
const padThinned = (strokes) => {
  const kept = strokes.slice(0, PAD.strokes);
  for (let least = 2; ; least *= 1.4) {
    const thin = kept.map((stroke) => {
      const told = [];
      for (const point of stroke) {
        const last = told[told.length - 1];
        if (!last || Math.hypot(point.x - last.x, point.y - last.y) >= least) told.push(point);
      }
      const end = stroke[stroke.length - 1];
      if (told[told.length - 1] !== end && told.length > 1) told[told.length - 1] = end;
      return told;
    });
    if (thin.reduce((sum, stroke) => sum + stroke.length, 0) <= PAD.points) return thin;
  }
};
const padFit = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
const padTold = (strokes) => padThinned(strokes).map((stroke) => stroke.map(({ x, y }) => [padFit(x, PAD.width), padFit(y, PAD.height)]));
const padScaled = (stroke, by) => stroke.map((point) => ({ ...point, x: point.x * by, y: point.y * by }));
const padFrom = (strokes) => (strokes || []).filter((one) => one.length)
  .map((stroke) => stroke.map(([x, y], n) => ({ x, y, time: n * 16, pressure: 0.5 })));
function SignaturePad({ id, label, hint, initialStrokes, saved, isLost, onChange }) {
  const canvas = useRef(null), pad = useRef(null), strokes = useRef(null), size = useRef(1);
  strokes.current ??= padFrom(initialStrokes);
  const [isSigned, setSigned] = useState(strokes.current.length > 0);
  const kept = useKept({ first: padTold(strokes.current), pause: 0, saved, isLost, onSave: onChange });
  const told = () => { setSigned(strokes.current.length > 0); kept.change(padTold(strokes.current)); kept.flush(); };
  useEffect(() => {
    let isGone = false, sized = null;
    const fit = () => {
      const box = canvas.current, width = box?.clientWidth;
      if (!width || !pad.current) return;
      const sharp = Math.max(window.devicePixelRatio || 1, 1);
      size.current = width / PAD.width;
      box.width = Math.round(width * sharp);
      box.height = Math.round(box.clientHeight * sharp);
      box.getContext("2d").scale(sharp, sharp);
      pad.current.minWidth = 1.4 * Math.max(size.current, 0.7);
      pad.current.maxWidth = 3.4 * Math.max(size.current, 0.7);
      const pen = { minWidth: pad.current.minWidth, maxWidth: pad.current.maxWidth, dotSize: pad.current.maxWidth, penColor: "#1d2530",
        velocityFilterWeight: 0.7, compositeOperation: "source-over" };
      pad.current.fromData(strokes.current.map((one) => ({ ...pen, points: padScaled(one, size.current) })));
    };
    import("signature_pad").then(({ default: Pad }) => {
      if (isGone) return;
      pad.current = new Pad(canvas.current, { penColor: "#1d2530", minDistance: 1, throttle: 0 });
      pad.current.addEventListener("endStroke", () => {
        strokes.current = pad.current.toData().map((one) => padScaled(one.points, 1 / size.current)).filter((one) => one.length);
        told();
      });
      let isDrawing = false, isLate = false;
      pad.current.addEventListener("beginStroke", () => { isDrawing = true; });
      pad.current.addEventListener("endStroke", () => { isDrawing = false; if (isLate) { isLate = false; fit(); } });
      sized = new ResizeObserver(() => { if (isDrawing) isLate = true; else fit(); });
      sized.observe(canvas.current);
      canvas.current.dataset.ready = "true";
    });
    return () => { isGone = true; sized?.disconnect(); pad.current?.off(); pad.current = null; };
  }, []);
  const clear = () => { pad.current?.clear(); strokes.current = []; told(); };
  return jsx("div", { id, className: "sign-pad", role: "group", "aria-label": label },
    jsx("style", { href: "sign-pad", precedence: "medium" }, PAD_STYLE),
    jsx("div", { className: "sign-paper" },
      jsx("canvas", { ref: canvas, role: "img", "aria-label": isSigned ? "Your signature is drawn" : "Empty: sign here by finger, pen or mouse",
        "aria-describedby": hint ? id + "-hint" : undefined }),
      isSigned ? null : jsx("span", { className: "sign-here", "aria-hidden": true }, "Sign here")),
    jsx("div", { className: "sign-foot" },
      jsx("span", { id: id + "-hint" }, hint),
      jsx("button", { type: "button", className: "link", "aria-label": "Clear the signature", disabled: !isSigned, onClick: clear }, "Clear")));
}
"""


def signature_pad(
    element_id: Any,
    *,
    label: Any,
    on_change: Any,
    initial_strokes: Any = None,
    saved: Any = None,
    hint: Any = "Use your finger, a pen or the mouse. You can type your name instead.",
    key: Any = None,
) -> rx.Component:
    """A field to sign in; a new `key` draws it anew with its `initial_strokes`."""
    told = {} if saved is None else {"saved": saved}
    return SignaturePad.create(
        id=element_id,
        label=label,
        hint=hint,
        initial_strokes=[] if initial_strokes is None else initial_strokes,
        is_lost=has_connection_errors,
        on_change=on_change,
        key=element_id if key is None else key,
        **told,
    )


class _ChoiceStyle(rx.Component):
    """What shows one of the two ways at once, and a typed name as a signature."""

    tag = "SignatureChoiceStyle"

    def add_imports(self) -> dict[str, Any]:
        """Nothing: it is a plain element."""
        return {"react": [ImportVar(tag="useRef")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [
            """
const SIGN_CHOICE_STYLE = `
.sign-choice { border: 0; padding: 0; margin: 0; min-width: 0; }
.sign-ways { display: flex; flex-wrap: wrap; gap: 8px 24px; margin-bottom: 12px; }
.sign-ways label { display: flex; align-items: center; gap: 10px; min-height: 44px; cursor: pointer; }
.sign-ways input { width: 20px; height: 20px; margin: 0; accent-color: var(--brand); }
.sign-choice:has([value=typed]:checked) .sign-drawn, .sign-choice:has([value=drawn]:checked) .sign-typed { display: none; }
.sign-typed { max-width: 600px; }
.sign-name { font: italic 500 26px/1.4 "Snell Roundhand", "Segoe Script", "Apple Chancery", "URW Chancery L", var(--serif); padding: 12px 18px; }`;
function SignatureChoiceStyle() {
  return jsx("style", { href: "sign-choice", precedence: "medium" }, SIGN_CHOICE_STYLE);
}
"""
        ]


def signature_choice(
    element_id: str,
    *,
    label: Any,
    method: Any,
    on_method: Any,
    on_drawn: Any,
    on_typed: Any,
    strokes: Any = None,
    typed_name: Any = "",
    saved_drawn: Any = None,
    saved_typed: Any = None,
    number: Any = 0,
    error: Any = "",
) -> rx.Component:
    """Draw or type, as one choice; `method` is the server's, `drawn` or `typed`, and `on_method` is told the other.

    The page shows the change at once, without waiting for the server. A new `number` draws all of it anew.
    """

    def way(value: str, words: str) -> rx.Component:
        return rx.el.label(
            rx.el.input(
                type="radio",
                id=f"{element_id}-{value}",
                name=f"{element_id}-method",
                value=value,
                default_checked=method == value,
                on_change=on_method(value),
            ),
            words,
        )

    typed = rx.el.div(
        rx.el.label("Type your full name", html_for=f"{element_id}-name", class_name="block font-semibold mb-1.5"),
        answer_field(
            f"{element_id}-name",
            on_save=on_typed,
            default_value=typed_name,
            saved=saved_typed,
            number=number,
            max_length=120,
            auto_complete="off",
            spell_check=False,
            aria_describedby=f"{element_id}-note {element_id}-error",
            class_name="field sign-name",
        ),
        rx.el.p(
            "Typed here, your name is your signature. It counts as much as a drawn one.",
            id=f"{element_id}-note",
            class_name=f"{SMALL} mt-1.5",
        ),
        class_name="sign-typed",
    )
    drawn = signature_pad(
        f"{element_id}-pad",
        label=label,
        on_change=on_drawn,
        initial_strokes=strokes,
        saved=saved_drawn,
        hint="Use your finger, a pen or the mouse. Or type your name: choose it above.",
    )
    return rx.el.fieldset(
        _ChoiceStyle.create(),
        rx.el.legend(label, class_name="font-semibold mb-1.5 p-0"),
        rx.el.div(way("drawn", "Draw"), way("typed", "Type my name"), class_name="sign-ways"),
        rx.el.div(drawn, class_name="sign-drawn"),
        typed,
        rx.el.p(
            error,
            id=f"{element_id}-error",
            role="alert",
            class_name="text-[13px] text-[var(--danger)] font-medium mt-1.5 empty:hidden",
        ),
        id=element_id,
        key=number,
        class_name="sign-choice",
    )


def signature_picture(path: Any, *, label: Any, **props: Any) -> rx.Component:
    """A drawn signature; `path` is what `forms.strokes.path_of` tells of its strokes. It takes the width it is given."""
    line = rx.el.path(
        d=path, fill="none", stroke="currentColor", stroke_width="2.6", stroke_linecap="round", stroke_linejoin="round"
    )
    props.setdefault("class_name", "block w-full max-w-[300px] h-auto")
    return rx.el.svg(line, view_box=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=label, **props)
