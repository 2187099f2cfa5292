"""Forms the browser itself posts (where a password travels), and the CAPTCHA's widgets."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportVar

from clinic_portal.web.components.basics import ERROR, SMALL


class PlainForm(rx.Component):
    """A form that is posted to an endpoint; Reflex's own would keep the browser from it."""

    tag = '"form"'
    action: rx.Var[str]
    method: rx.Var[str]


class _Altcha(rx.Component):
    """ALTCHA's widget: it solves a small puzzle in the background and puts the answer into its form."""

    tag = "AltchaWidget"  # a hyphenated tag would not be a name in JavaScript
    lib_dependencies: list[str] = ["altcha@3.2.2"]
    challenge: rx.Var[str]
    auto: rx.Var[str]
    name: rx.Var[str]
    configuration: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        """React's hook."""
        return {"react": [ImportVar(tag="useEffect")]}

    def add_custom_code(self) -> list[str]:
        """The element's name."""
        return ["const AltchaWidget = 'altcha-widget';"]

    def add_hooks(self) -> list[str]:
        """Loaded in the browser only, as a file of its own."""
        return ["useEffect(() => { import('altcha'); }, []);"]


class _Recaptcha(rx.Component):
    """Google's widget; its script is fetched only where the clinic chose it."""

    tag = "Recaptcha"
    sitekey: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        """React's hooks."""
        return {"react": [ImportVar(tag="useEffect"), ImportVar(tag="useRef")]}

    def add_custom_code(self) -> list[str]:
        """The component itself, for React."""
        return [
            """
function Recaptcha({ sitekey }) {
  const place = useRef(null);
  useEffect(() => {
    const draw = () => {
      if (place.current && !place.current.hasChildNodes()) window.grecaptcha.render(place.current, { sitekey });
    };
    if (window.grecaptcha && window.grecaptcha.render) { draw(); return; }
    window.recaptchaLoaded = draw;
    const script = document.createElement("script");
    script.src = "https://www.google.com/recaptcha/api.js?onload=recaptchaLoaded&render=explicit";
    script.async = true;
    document.head.appendChild(script);
  }, [sitekey]);
  return jsx("div", { ref: place });
}
"""
        ]


def native_form(*children: Any, to: str, **props: Any) -> rx.Component:
    """A form whose fields go to an endpoint in one post, answered by another page."""
    name = props.pop("class_name", "grid gap-5")
    return PlainForm.create(*children, action=to, method="post", class_name=name, **props)


def hidden(name: str, value: Any) -> rx.Component:
    """A field nobody sees."""
    return rx.el.input(type="hidden", name=name, value=value, read_only=True)


def captcha(purpose: str, kind: Any, site_key: Any, error: Any) -> rx.Component:
    """The widget the clinic chose, for one form."""
    return rx.el.div(
        rx.cond(
            kind == "recaptcha",
            _Recaptcha.create(sitekey=site_key),
            rx.cond(
                kind == "altcha",
                _Altcha.create(
                    challenge=f"/challenge/{purpose}",
                    auto="onload",
                    name="altcha",
                    configuration='{"hideFooter":true,"hideLogo":true}',
                ),
            ),
        ),
        rx.el.p(
            error,
            role="alert",
            class_name=ERROR,
        ),
        id="captcha",
        class_name="min-h-[64px]",
    )


def password_field(
    name: str, label: str, *, error: Any, is_shown: Any, on_show: Any, hint: str = "", is_new: bool = False
) -> rx.Component:
    """A password with a way to look at it; never filled in by us."""
    return rx.el.div(
        rx.el.div(
            rx.el.label(label, html_for=name, class_name="font-semibold"),
            rx.el.button(
                rx.cond(is_shown, "Hide", "Show"),
                type="button",
                on_click=on_show,
                aria_pressed=rx.cond(is_shown, "true", "false"),
                aria_label=rx.cond(is_shown, "Hide the password", "Show the password"),
                class_name="link",
            ),
            class_name="flex justify-between items-baseline mb-1.5",
        ),
        rx.el.input(
            id=name,
            name=name,
            type=rx.cond(is_shown, "text", "password"),
            auto_complete="new-password" if is_new else "current-password",
            required=True,
            max_length=200,
            auto_capitalize="none",
            spell_check=False,
            class_name="field",
            aria_invalid=rx.cond(error != "", "true", "false"),
            aria_describedby=f"{name}-hint {name}-error",
        ),
        rx.el.p(hint, id=f"{name}-hint", class_name=f"{SMALL} mt-1.5") if hint else rx.fragment(),
        rx.el.p(
            error,
            id=f"{name}-error",
            role="alert",
            class_name=ERROR,
        ),
    )
