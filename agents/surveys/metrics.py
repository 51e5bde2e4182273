"""The metrics of survey answers, wherever the answers are kept, and of the sheets that were sent."""

from functools import partial

from agents.dimensions import ANSWERS, SATISFACTION, SURVEYS
from agents.surveys import scores
from agents.surveys.answers import Answer
from agents.surveys.fold import Request
from streams.catalogue import NONE, Metric, Observation, Observations
from streams.windows.kinds import Balance, Ratio, Scores

STANDARD = frozenset({"csat", "csa", "ces", "nps"})
"Surveys with metrics of their own."


def csat(answer: Answer) -> Observations:
    return _satisfaction(answer) if answer.survey == "csat" else NONE


def csat_score(answer: Answer) -> Observations:
    if answer.survey != "csat":
        return NONE
    return (Observation(answer.time, answer.dimensions, answer.on(1, 5)),)


def csa(answer: Answer) -> Observations:
    return _satisfaction(answer) if answer.survey == "csa" else NONE


def _satisfaction(answer: Answer) -> Observations:
    return (Observation(answer.time, answer.dimensions, answer.satisfied),)


def nps(answer: Answer) -> Observations:
    if answer.survey != "nps":
        return NONE
    return (Observation(answer.time, answer.dimensions, answer.promotion),)


def ces(answer: Answer) -> Observations:
    if answer.survey != "ces":
        return NONE
    return (Observation(answer.time, answer.dimensions, answer.on(1, 7)),)


def ces_low_effort(answer: Answer) -> Observations:
    if answer.survey != "ces":
        return NONE
    return (Observation(answer.time, answer.dimensions, answer.low_effort),)


def survey_score(answer: Answer) -> Observations:
    if answer.survey in STANDARD:
        return NONE
    dimensions = (answer.survey, *answer.dimensions)
    return (Observation(answer.time, dimensions, scores.as_given(answer.score)),)


def survey_response_rate(request: Request) -> Observations:
    return (Observation(request.time, request.dimensions, request.answered),)


answer_metric = partial(Metric, family=ANSWERS, windows=SATISFACTION, of="answer", reads=(), bounds=True)

METRICS = (
    answer_metric(
        name="csat",
        title="Customer satisfaction",
        formula="satisfied answers (the upper quarter of the scale: 4 and 5 on 1-5) / answers",
        unit="ratio",
        kind=Ratio(),
        more_is_better=True,
        observe=csat,
    ),
    answer_metric(
        name="csat_score",
        title="Satisfaction score",
        formula="mean of the answers about satisfaction on 1-5, other scales mapped linearly to it",
        unit="score",
        kind=Scores(),
        more_is_better=True,
        observe=csat_score,
    ),
    answer_metric(
        name="csa",
        title="Satisfaction with the agent",
        formula="satisfied answers (the upper quarter of the scale) / answers about the agent",
        unit="ratio",
        kind=Ratio(),
        more_is_better=True,
        observe=csa,
    ),
    answer_metric(
        name="nps",
        title="Net promoter score",
        formula="(promoters 9-10 - detractors 0-6) / answers x 100",
        unit="points",
        kind=Balance(promoters=1, passives=0, detractors=-1),
        more_is_better=True,
        observe=nps,
    ),
    answer_metric(
        name="ces",
        title="Customer effort",
        formula="mean effort on 1-7, where 1 is very low effort; other scales mapped linearly to it",
        unit="score",
        kind=Scores(),
        more_is_better=False,
        observe=ces,
    ),
    answer_metric(
        name="ces_low_effort",
        title="Low effort",
        formula="answers of low effort (the lower third of the scale: 1 to 3 on 1-7) / answers about effort",
        unit="ratio",
        kind=Ratio(),
        more_is_better=True,
        observe=ces_low_effort,
    ),
    Metric(
        name="survey_score",
        title="Survey score",
        formula="mean of the answers to any other survey, on its own scale",
        unit="score",
        kind=Scores(),
        family=SURVEYS,
        windows=SATISFACTION,
        more_is_better=None,
        of="answer",
        reads=(),
        observe=survey_score,
    ),
    Metric(
        name="survey_response_rate",
        title="Survey response rate",
        formula="surveys that were ever answered / surveys sent, in the pane of their first sending",
        unit="ratio",
        kind=Ratio(),
        family=SURVEYS,
        windows=SATISFACTION,
        more_is_better=True,
        of="request",
        reads=(),
        observe=survey_response_rate,
    ),
)
