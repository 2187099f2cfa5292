"""A field whose text is saved as it is typed.

Use: `answer_field("q-scar", on_save=Form.keep("scar"), default_value=one.text, saved=one.mark, number=Form.number)`,
with a `<label for>` beside it and `save_state()` once on the page. The handler takes `(value, mark)` after its own
arguments, stores the value, and puts `mark` into the var that `saved` reads; without `saved` nothing is sent again.
"""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import passthrough_event_spec
from reflex_components_core.core.banner import has_connection_errors

from clinic_portal.web.components.kept import HOOKS, KEPT, SaveState, save_state

__all__ = ["AnswerField", "SaveState", "answer_field", "save_state"]


class AnswerField(rx.Component):
    """An uncontrolled input: says `on_save(value, mark)` half a second after the last key, when it is left or hidden.

    `kind`: text, email, tel, date, numeric, decimal, or area (several lines, as high as its text).
    `default_value` is put in anew when `number` changes, unless somebody types there or what was typed is on its way.
    """

    tag = "AnswerField"
    name: rx.Var[str]
    default_value: rx.Var[str]
    kind: rx.Var[str]
    number: rx.Var[int]
    saved: rx.Var[str]
    is_lost: rx.Var[bool]
    on_save: rx.EventHandler[passthrough_event_spec(str, str)]  # type: ignore[type-arg, valid-type]

    def add_imports(self) -> dict[str, Any]:
        """React's hooks."""
        return HOOKS

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [
            KEPT,
            """
const KEYBOARDS = { numeric: "numeric", decimal: "decimal" };
function AnswerField({ defaultValue, kind, number, saved, isLost, onSave, ref, ...rest }) {
  const field = useRef(null);
  const first = defaultValue || "";
  const kept = useKept({ first, pause: 500, saved, isLost, onSave });
  const isArea = kind === "area";
  const fit = () => {
    const box = field.current;
    if (!isArea || !box) return;
    box.style.height = "auto";
    box.style.height = box.scrollHeight + box.offsetHeight - box.clientHeight + "px";
  };
  useEffect(() => {
    const box = field.current;
    if (kept.isBusy() || (document.activeElement === box && box.value) || box.value === first) return;
    box.value = first;
    kept.take(first);
    fit();
  }, [number]);
  useEffect(() => {
    fit();
    if (!isArea) return undefined;
    let width = field.current.clientWidth;
    const sized = new ResizeObserver(([{ target }]) => { if (target.clientWidth !== width) { width = target.clientWidth; fit(); } });
    sized.observe(field.current);
    return () => sized.disconnect();
  }, []);
  const place = (box) => {
    field.current = box;
    if (typeof ref === "function") ref(box); else if (ref) ref.current = box;
  };
  const type = kind in KEYBOARDS ? "text" : kind || "text";
  return jsx(isArea ? "textarea" : "input", {
    ...rest, ...(isArea ? { rows: 3 } : { type, inputMode: KEYBOARDS[kind] }),
    style: isArea ? { resize: "none", overflow: "hidden" } : undefined,
    ref: place, defaultValue: first, onBlur: kept.flush,
    onChange: (event) => { kept.change(event.target.value); fit(); },
  });
}
""",
        ]


def answer_field(
    element_id: Any,
    *,
    on_save: Any,
    name: Any = None,
    default_value: Any = "",
    kind: Any = "text",
    number: Any = 0,
    saved: Any = None,
    class_name: str = "field",
    **attributes: Any,
) -> rx.Component:
    """The field alone; attributes as `rx.el.input` takes them (`max_length`, `auto_complete`, `aria_describedby`…)."""
    told = {} if saved is None else {"saved": saved}
    return AnswerField.create(
        id=element_id,
        name=element_id if name is None else name,
        default_value=default_value,
        kind=kind,
        number=number,
        is_lost=has_connection_errors,
        on_save=on_save,
        class_name=class_name,
        key=attributes.pop("key", element_id),
        custom_attrs={_spelled(one): what for one, what in attributes.items()},
        **told,
    )


def _spelled(name: str) -> str:
    """An attribute as React spells it."""
    first, *rest = name.split("_")
    return f"{first}-{'-'.join(rest)}" if first in ("aria", "data") else first + "".join(map(str.capitalize, rest))
