"""SQL of the history: how rows are summed up."""


def mean(name):
    """The mean of the means, each of which weighs as often as its host was seen."""
    return 'sum({0} * seen) / nullif(sum(CASE WHEN {0} IS NULL THEN 0 ELSE seen END), 0)'.format(name)
