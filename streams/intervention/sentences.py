"""The sentence of a published task, in any language: for a screen that wants another one than the playbook's."""

from schemas.tasks import Task
from streams.intervention.kinds import KINDS
from streams.wording.sentences import printable


def sentence(task: Task, language: str) -> str:
    """One version of a task, in one sentence; of a kind that is not known here, the one it came with."""
    kind = KINDS.get(task.kind)
    if kind is None:
        return printable(task.sentence or f"{task.kind} {task.version}: {task.status}")
    return kind.say(task, task.first_contact_due - task.created_at, language)
