"""What customers write, in a few stock phrases: enough for a sentiment to be found."""

from agents.simulator.dice import Dice

PLEASED = (
    "Great support, quick and friendly. Thank you so much!",
    "Problem solved in minutes, I am really happy with this.",
    "Excellent service, the agent knew exactly what to do.",
    "Very helpful and kind, wonderful experience.",
    "Perfect, everything works again. Thanks!",
)
NEUTRAL = (
    "It works now.",
    "The answer was okay.",
    "Took a while, but it was sorted out.",
    "As expected.",
)
ANNOYED = (
    "I waited far too long for a useless answer.",
    "Terrible experience, the problem came back the next day.",
    "Nobody seems to care. Very disappointing.",
    "Had to explain the same problem three times, this is frustrating.",
    "Awful. I am thinking about leaving.",
)
IMPATIENT = (
    "Is there any news on this?",
    "I have been waiting for hours. When will someone answer?",
    "Hello? This is urgent for us, and very annoying.",
)
DETAILS = (
    "Here is what you asked for.",
    "Yes, that is correct. The number is on the attached page.",
    "I tried that, thanks, but it still shows the error.",
    "Thanks for the quick help! One more question about it.",
)
AGAIN = (
    "Sorry, but it is broken again.",
    "This did not solve my problem.",
    "The same error came back, I am disappointed.",
)


def comment(dice: Dice, experience: float) -> str:
    """A comment on an experience between 0 and 1."""
    if experience >= 0.7:
        return dice.one_of(PLEASED)
    return dice.one_of(NEUTRAL if experience >= 0.45 else ANNOYED)
