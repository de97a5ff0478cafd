import sys, asyncio
from agents.settings import Settings
cmd=sys.argv[1]
import logging; logging.basicConfig(level=logging.WARNING)
from agents.kafka.admin import ensure_topics
s=Settings()
from agents.worker import run
if cmd=="worker":
    from agents.app import create_app
    asyncio.run(ensure_topics(s)); run(create_app(s).app)
else:
    from agents.landing import create_landing
    run(create_landing(s).app)
