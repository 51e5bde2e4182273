"""The metrics of survey answers, wherever the answers are kept."""

from agents.dimensions import ANSWERS, SATISFACTION
from agents.surveys.answers import Answer
from streams.catalogue import NONE, Metric, Observation, Observations
from streams.windows.kinds import Balance, Ratio


def csat(answer: Answer) -> Observations:
    if answer.survey != "csat":
        return NONE
    return (Observation(answer.time, answer.dimensions, answer.satisfied),)


def nps(answer: Answer) -> Observations:
    if answer.survey != "nps":
        return NONE
    return (Observation(answer.time, answer.dimensions, answer.promotion),)


METRICS = (
    Metric(
        name="csat",
        title="Customer satisfaction",
        formula="satisfied answers (the upper quarter of the scale: 4 and 5 on 1-5) / answers",
        unit="ratio",
        kind=Ratio(),
        family=ANSWERS,
        windows=SATISFACTION,
        more_is_better=True,
        of="answer",
        reads=(),
        observe=csat,
    ),
    Metric(
        name="nps",
        title="Net promoter score",
        formula="(promoters 9-10 - detractors 0-6) / answers x 100",
        unit="points",
        kind=Balance(promoters=1, passives=0, detractors=-1),
        family=ANSWERS,
        windows=SATISFACTION,
        more_is_better=True,
        of="answer",
        reads=(),
        observe=nps,
    ),
)
