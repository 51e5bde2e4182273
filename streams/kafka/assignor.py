"""How partitions are dealt out: only with all topics in view."""

from typing import Any

from faust.assignor.partition_assignor import PartitionAssignor

from streams.crash import crash


class Assignor(PartitionAssignor):
    """Faust leaves out a topic that its leader's view of the cluster lacks.

    After a broker's restart that may be all of them: everybody would be content with no partition at all, and
    nothing would ever ask again. A leader with such a view ends, and another one deals the partitions out.
    """

    def _perform_assignment(self, cluster: Any, member_metadata: Any) -> Any:
        wanted: int = self.app.plan.partitions
        topics = {topic for member in member_metadata.values() for topic in member.subscription}
        seen = {topic: len(cluster.partitions_for_topic(topic) or ()) for topic in sorted(topics)}
        if lacking := {topic: number for topic, number in seen.items() if number != wanted}:
            crash(
                f"The partitions can't be dealt out, {wanted} of each topic are expected; known are {lacking}"
            )
        return super()._perform_assignment(cluster, member_metadata)
