"""How Reflex builds and serves the app. What a clinic configures is in `clinic_portal/core/settings.py`."""

import reflex as rx
from reflex.constants import StateManagerMode

from clinic_portal.core.settings import Settings

settings = Settings()

config = rx.Config(
    app_name="clinic_portal",
    frontend_port=settings.port,
    backend_port=settings.port,
    api_url=settings.public_url,
    deploy_url=settings.public_url,
    cors_allowed_origins=settings.origins,
    trusted_proxy_hops=settings.trusted_proxy_hops,
    redis_url=settings.redis_url,
    # Page state may be lost without loss: drafts are rows. On disk it would be pickles of people's details.
    state_manager_mode=StateManagerMode.REDIS if settings.redis_url else StateManagerMode.MEMORY,
    frontend_compression_formats=["brotli", "gzip"],
    telemetry_enabled=False,
    show_built_with_reflex=False,
    default_color_mode="light",
    plugins=[rx.plugins.TailwindV4Plugin()],
    disable_plugins=[rx.plugins.SitemapPlugin, rx.plugins.RadixThemesPlugin],
)
