"""Where flowrun works and whom it talks to: flags, environment, `.env` and files become one frozen Settings."""

from flowrun.settings.connection import Connection as Connection
from flowrun.settings.contexts import Context as Context
from flowrun.settings.contexts import Contexts as Contexts
from flowrun.settings.contexts import contexts_of as contexts_of
from flowrun.settings.contexts import use_context as use_context
from flowrun.settings.federation import Federation as Federation
from flowrun.settings.options import SETTINGS as SETTINGS
from flowrun.settings.places import Overlay as Overlay
from flowrun.settings.secrets import KEYRING_NAMES as KEYRING_NAMES
from flowrun.settings.secrets import forget as forget
from flowrun.settings.secrets import keep as keep
from flowrun.settings.settings import Choice as Choice
from flowrun.settings.settings import Origin as Origin
from flowrun.settings.settings import Settings as Settings
from flowrun.settings.temporal import Temporal as Temporal
from flowrun.settings.temporal import Tls as Tls
from flowrun.settings.tools import profile as profile
from flowrun.settings.vault import Demanded as Demanded
from flowrun.settings.ways import Way as Way
