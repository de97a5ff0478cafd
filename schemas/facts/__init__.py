"""Facts out: what is landed, one module a fact, named like it (O2); ``registry`` has them all."""

from schemas.facts.account_cycle import CYCLE_FIELDS as CYCLE_FIELDS
from schemas.facts.account_cycle import AccountCycle as AccountCycle
from schemas.facts.account_cycle import CycleClass as CycleClass
from schemas.facts.base import AccountFact as AccountFact
from schemas.facts.base import CycleFact as CycleFact
from schemas.facts.base import Fact as Fact
from schemas.facts.base import PlaybookRef as PlaybookRef
from schemas.facts.base import Rule as Rule
from schemas.facts.base import Share as Share
from schemas.facts.curve_point import Curve as Curve
from schemas.facts.curve_point import CurvePoint as CurvePoint
from schemas.facts.employer_payday import Coverage as Coverage
from schemas.facts.employer_payday import EmployerPayday as EmployerPayday
from schemas.facts.hot_account import HotAccount as HotAccount
from schemas.facts.outflow import Leaving as Leaving
from schemas.facts.outflow import Outflow as Outflow
from schemas.facts.playbook_in_force import PlaybookInForce as PlaybookInForce
from schemas.facts.playbook_refused import PlaybookRefused as PlaybookRefused
