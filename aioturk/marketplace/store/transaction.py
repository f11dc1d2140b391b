"""`Transaction`: everything that can be asked of the store within one."""

from __future__ import annotations

from aioturk.marketplace.store.accounts import Accounts
from aioturk.marketplace.store.assignments import Assignments, Bonuses
from aioturk.marketplace.store.books import Agenda, Audit, Money, Settings, Tokens
from aioturk.marketplace.store.crowd_tasks import CrowdTasks
from aioturk.marketplace.store.earnings import Earnings
from aioturk.marketplace.store.ended import EndedSessions
from aioturk.marketplace.store.hits import Hits, HitTypes
from aioturk.marketplace.store.layouts import Layouts
from aioturk.marketplace.store.notifications import Notifications
from aioturk.marketplace.store.offers import Offers
from aioturk.marketplace.store.people import Blocks, Messages, Workers
from aioturk.marketplace.store.progress import Progress
from aioturk.marketplace.store.qualifications import QualificationRequests, Qualifications, QualificationTypes
from aioturk.marketplace.store.requesters import Requesters
from aioturk.marketplace.store.reviews import Reviews
from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.standing import Standing

__all__ = ["Transaction"]


class Transaction:
    """Everything that can be asked within one transaction, by subject."""

    __slots__ = (
        "accounts",
        "agenda",
        "assignments",
        "audit",
        "blocks",
        "bonuses",
        "crowd_tasks",
        "earnings",
        "ended_sessions",
        "hit_types",
        "hits",
        "layouts",
        "messages",
        "money",
        "notifications",
        "offers",
        "progress",
        "qualification_requests",
        "qualification_types",
        "qualifications",
        "requesters",
        "reviews",
        "settings",
        "standing",
        "tokens",
        "workers",
    )

    def __init__(self, session: Session) -> None:
        self.accounts: Accounts = Accounts(session)
        self.agenda: Agenda = Agenda(session)
        self.assignments: Assignments = Assignments(session)
        self.audit: Audit = Audit(session)
        self.blocks: Blocks = Blocks(session)
        self.bonuses: Bonuses = Bonuses(session)
        self.crowd_tasks: CrowdTasks = CrowdTasks(session)
        self.earnings: Earnings = Earnings(session)
        self.ended_sessions: EndedSessions = EndedSessions(session)
        self.hit_types: HitTypes = HitTypes(session)
        self.hits: Hits = Hits(session)
        self.layouts: Layouts = Layouts(session)
        self.messages: Messages = Messages(session)
        self.money: Money = Money(session)
        self.notifications: Notifications = Notifications(session)
        self.offers: Offers = Offers(session)
        self.progress: Progress = Progress(session)
        self.qualification_requests: QualificationRequests = QualificationRequests(session)
        self.qualification_types: QualificationTypes = QualificationTypes(session)
        self.qualifications: Qualifications = Qualifications(session)
        self.requesters: Requesters = Requesters(session)
        self.reviews: Reviews = Reviews(session)
        self.settings: Settings = Settings(session)
        self.standing: Standing = Standing(session)
        self.tokens: Tokens = Tokens(session)
        self.workers: Workers = Workers(session)
