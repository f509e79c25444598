"""Kinds of options that several commands take."""
import click

from mailtools.pflogsumm_report.settings import addresses


class Addresses(click.ParamType):
    """Mail addresses between commas; a tuple."""

    name = 'ADDRESS'

    def convert(self, value, param, ctx):
        """The addresses."""
        try:
            return addresses(value) or self.fail('it is empty', param, ctx)
        except ValueError as error:
            return self.fail(str(error), param, ctx)
