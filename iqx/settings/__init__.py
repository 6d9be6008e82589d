"""Settings, one module per concern, read from the environment alone (see `.env.example`)."""

from iqx.settings.api import *  # noqa: F403
from iqx.settings.apps import *  # noqa: F403
from iqx.settings.care import *  # noqa: F403
from iqx.settings.database import *  # noqa: F403
from iqx.settings.environment import *  # noqa: F403
from iqx.settings.files import *  # noqa: F403
from iqx.settings.logs import *  # noqa: F403
from iqx.settings.monitoring import *  # noqa: F403
from iqx.settings.platform import *  # noqa: F403
from iqx.settings.security import *  # noqa: F403
