"""A visitor's way through the wizard, in sentences."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from clinic_portal.patients.rules import phone_number
from tests.factories import PASSWORD, patient, staff
from tests.site import Site


class Visitor:
    """Someone with a browser, an e-mail address and a phone."""

    def __init__(self, site: Site, page: Page, *, email: str, phone: str) -> None:
        self.site, self.page, self.email, self.phone = site, page, email, phone
        self._last_read = 0

    @property
    def e164(self) -> str:
        """Their number as the SMS sender writes it."""
        return phone_number(self.phone, "US")

    @property
    def heading(self) -> Locator:
        """The heading of the page they see."""
        return self.page.locator("#step-title")

    @property
    def notice(self) -> Locator:
        """What the page has just told them."""
        return self.page.locator("#notice")

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """A button by its name."""
        return self.page.get_by_role("button", name=name)

    def opens(self, path: str = "/book") -> Visitor:
        """Go to an address, and wait until the page shows what the server knows."""
        self.page.goto(self.site.url + path)
        expect(self.page.get_by_role("link", name="Lumen Aesthetics").first).to_be_visible()
        return self

    def has_portal(self) -> Visitor:
        """They registered some other day, and proved their e-mail address then."""
        patient(self.site.services, self.email, phone=self.e164)
        return self

    def fills_sign_in(self, email: str = "", password: str = PASSWORD) -> Visitor:
        """Type e-mail and password, and let the page prove that it is used by a person."""
        self.page.locator("#email").fill(email or self.email)
        self.page.locator("#password").fill(password)
        return self.is_seen_as_a_person()

    def is_seen_as_a_person(self) -> Visitor:
        """The CAPTCHA of the form is solved."""
        expect(self.page.locator("altcha-widget input[type=checkbox]")).to_be_checked()
        expect(self.page.locator("altcha-widget").get_by_text("Verified")).to_be_visible()
        return self

    def signs_in(self, path: str = "/portal") -> Visitor:
        """Go to a page of the portal, be asked to sign in, and come back to it."""
        self.opens(f"/sign-in?next={path}")
        self.fills_sign_in().button("Sign in").click()
        self.page.wait_for_url(self.site.url + path)
        return self

    def works_here(self, role: str = "owner") -> Visitor:
        """Someone of the staff in that role: their e-mail address is `role@lumen.example`."""
        staff(self.site.services, role)
        self.email = f"{role}@lumen.example"
        return self

    def signs_in_as_staff(self, path: str = "/admin") -> Visitor:
        """Sign in at the staff's pages, without a second factor."""
        self.page.goto(f"{self.site.url}/admin/sign-in?next={path}")
        self.fills_sign_in().button("Sign in").click()
        self.page.wait_for_url(self.site.url + path)
        return self

    def adds(self, *services: str) -> Visitor:
        """Put services into the cart."""
        for service in services:
            self.button(f"Book now: {service}").click()
            expect(self.button(f"Remove {service}")).to_be_visible()
        return self

    def goes_on(self, to: str) -> Visitor:
        """Press Continue, and be at the step."""
        if to == "code":
            self.has_read_all_letters()
        self.button("Continue").click()
        return self.is_at(to)

    def is_at(self, step: str) -> Visitor:
        """Be at a step: its address, and its heading in focus."""
        self.page.wait_for_url(re.compile(rf"/book/{step}$" if step else r"/book/?$"))
        expect(self.heading).to_be_focused()
        return self

    def fills_details(self, given: str = "Amara", family: str = "Reed") -> Visitor:
        """Type who they are."""
        for name, value in (
            ("given_name", given),
            ("family_name", family),
            ("email", self.email),
            ("phone", self.phone),
        ):
            self.page.locator(f"#{name}").fill(value)
        return self

    def has_read_all_letters(self) -> Visitor:
        """Whatever was sent so far is old news."""
        self._last_read = max((one.id for one in self.site.letters()), default=0)
        return self

    def code(self) -> str:
        """Read the digits in the SMS that came last."""
        letter = self.site.letter_to(self.e164, "sms", holding="code", after=self._last_read)
        found = re.search(r"\b(\d{6})\b", letter.text)
        assert found
        return found[1]

    def types_code(self, digits: str) -> Visitor:
        """Type digits and send them."""
        self.page.locator("#code").fill(digits)
        self.button("Continue").click()
        return self

    def proves_phone(self) -> Visitor:
        """Receive the code and type it."""
        expect(self.page.get_by_text("We sent six digits")).to_be_visible()
        return self.types_code(self.code()).is_at("visit")

    def chooses(self, provider: str) -> Visitor:
        """Choose a provider, or the first available."""
        self.button(re.compile(provider)).click()
        return self.is_at("time")

    def reaches_times(self, *services: str, provider: str = "First available") -> Visitor:
        """Everything up to the choice of a time."""
        self.opens().adds(*services).goes_on("details").fills_details().goes_on("code").proves_phone()
        return self.goes_on("provider").chooses(provider)

    def picks_day(self, label: str) -> Visitor:
        """Choose a day by its name, such as `Tuesday, November 24`, a month on where it lies there."""
        shown = self.page.locator("#month-title")
        expect(shown).to_be_visible()
        if label.split(", ")[1].split(" ")[0] not in shown.inner_text():
            self.button("Month after").click()
        self.button(re.compile(f"^{label},.*times available")).click()
        expect(self.page.locator("#day-title")).to_contain_text(label)
        return self

    def time(self, label: str) -> Locator:
        """A time's button: `10:30 AM`, whatever kind of space stands before AM."""
        hour, half = label.split(" ")
        return self.page.locator("button.time", has_text=re.compile(rf"^{hour}\s{half}$"))

    def holds(self, label: str) -> Visitor:
        """Choose a time, and have it held."""
        self.time(label).click()
        expect(self.time(label)).to_have_attribute("aria-pressed", "true")
        expect(self.page.get_by_role("timer")).to_be_visible()
        return self

    def accepts_and_confirms(self) -> Visitor:
        """Read the policy, tick, give the card, and be booked."""
        return self.accepts().gives_card().is_at("confirmed")

    def accepts(self) -> Visitor:
        """Read the policy, tick, and be on the gateway's page."""
        self.page.locator("#accept").check()
        self.button("Continue to your card").click()
        self.page.wait_for_url(re.compile(r"/sandbox/pay/"))
        return self

    def gives_card(
        self, number: str = "4242 4242 4242 4242", *, act: str | re.Pattern[str] = "Confirm card"
    ) -> Visitor:
        """Take one of the gateway's test cards, and send it."""
        self.page.get_by_role("link", name=number).click()
        self.page.get_by_role("button", name=act, exact=True).click()
        return self

    def books(self, *services: str, day: str, time: str, provider: str = "First available") -> str:
        """The whole way; the reference."""
        self.reaches_times(*services, provider=provider).picks_day(day).holds(time).goes_on("policy")
        self.accepts_and_confirms()
        return self.page.locator("#reference").inner_text()
