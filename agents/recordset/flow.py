"""Faust's flow control, without its way of losing what a standby has just read."""

from mode.utils.queues import FlowControlEvent


class FlowControl(FlowControlEvent):
    """Resuming what flows already changes nothing.

    Faust resumes again once the pipelines of recovered partitions are open, and with it empties every queue, the
    changelog's too, from which standbys are filled by then: each set thrown away there would be a hole.
    """

    def resume(self) -> None:
        """Let records into the queues, which are emptied if they were shut."""
        if not self.is_active():
            super().resume()
