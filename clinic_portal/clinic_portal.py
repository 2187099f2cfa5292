"""Reflex's entry: the app, its pages, and what stands around it."""

from pathlib import Path

import reflex as rx

from clinic_portal.bootstrap import services
from clinic_portal.web.account import pages as account
from clinic_portal.web.admin import pages as admin
from clinic_portal.web.background import run_beside
from clinic_portal.web.booking import pages
from clinic_portal.web.demo import page as demo
from clinic_portal.web.gate import Gate
from clinic_portal.web.http.routes import endpoints
from clinic_portal.web.layout import HEAD, connection_lost
from clinic_portal.web.leftovers import Leftovers
from clinic_portal.web.me import Me
from clinic_portal.web.opening import BeforeOpening
from clinic_portal.web.portal import pages as portal
from clinic_portal.web.problems import bug_in_browser, bug_in_handler
from clinic_portal.web.public import claim, landing, memberships, missing, pay
from clinic_portal.web.setup import pages as setup
from clinic_portal.web.shop import pages as shop
from clinic_portal.web.socket import keep_door
from clinic_portal.web.transport import Address, Headers, Limits, Pace, SessionBinding, VisitorCookie

PAGES = Path(".web/build/client")
settings = services().settings

app = rx.App(
    stylesheets=["/portal.css"],
    head_components=HEAD,
    toaster=None,
    frontend_exception_handler=bug_in_browser,
    backend_exception_handler=bug_in_handler,
    api_transformer=[
        endpoints(services()),
        Pace,
        lambda inner: SessionBinding(inner, settings),
        lambda inner: Address(inner, settings, PAGES),
        lambda inner: Limits(inner, PAGES),
        lambda inner: BeforeOpening(inner, services()),
        lambda inner: VisitorCookie(inner, settings),
        lambda inner: Headers(inner, settings, PAGES),
    ],
)
app.app_wraps[5, "Overlay"] = lambda stateful: connection_lost() if stateful else None
keep_door(app)
app.add_middleware(Gate(services()), index=0)
app.add_middleware(Leftovers(services(), Me), index=0)
run_beside(app)
landing.add(app)
pages.add(app)
claim.add(app)
pay.add(app)
memberships.add(app)
shop.add(app)
account.add(app)
portal.add(app)
admin.add(app)
setup.add(app)
missing.add(app)
if settings.is_demo:
    demo.add(app)
