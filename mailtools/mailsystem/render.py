"""The configuration of a host, from the site and the templates: values in, files out.

Pure, save that the templates are read.
"""
import os

import mailtools
from mailtools.base.failure import EX_CONFIG, Failure, reason_of
from mailtools.mailsystem import hosts, parameters, roles, template
from mailtools.mailsystem.values import File

MAIN, MASTER = '/etc/postfix/main.cf', '/etc/postfix/master.cf'
# Beside the library in a checkout; where the package has them.
FOLDERS = (os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(mailtools.__file__))), 'mailsystem'),
           '/usr/share/mailtools/mailsystem')


def templates_folder(given=None):
    """Where the templates are; raises Failure when they are not there."""
    for folder in [given] if given else FOLDERS:
        if os.path.isdir(os.path.join(folder, 'common', 'etc')):
            return folder
    raise Failure('cannot find the templates in {}'.format(' or '.join([given] if given else FOLDERS)), EX_CONFIG)


def render(site, role, host='', password='', folder=None):
    """The files of a host, in the order of roles.ROWS.

    host: which of several, with or without the domain; for a client its name, or '' to leave it to the system.
    password: that a client logs in with, '' where it is written by hand.
    folder: of the templates, where they are not the ones that came with mailsystem.
    Raises Failure.
    """
    name = hosts.host_of(site, role, host)
    values = hosts.values_of(site, role, name, password)
    folder = templates_folder(folder)
    files = [file_of(row, values, folder, site.map_type) for row in roles.rows_of(role, site.system)]
    refuse_newer(files, site.postfix)
    return files


def refuse_newer(files, version):
    """Raise Failure where a template of the administrator's own sets what that Postfix does not know."""
    text = {file.path: file.text for file in files}
    for name, since in parameters.too_new(text[MAIN], text[MASTER], version):
        raise Failure('{} came with Postfix {}.{}; the files are for {}.{}'.format(name, *since + version), EX_CONFIG)


def file_of(row, values, folder, map_type):
    """One file."""
    text = template.fill(read(os.path.join(folder, row.template)), values, row.template)
    command = '{} {}:{}'.format(row.compile, map_type, row.where()) if row.compile else ''
    return File(row.where(), text, row.mode, row.owner, row.group, row.kept, command)


def read(path):
    """The text of a template; raises Failure."""
    try:
        with open(path, encoding='utf-8') as file:
            return file.read()
    except OSError as error:
        raise Failure('cannot read the template {}: {}'.format(path, reason_of(error)), EX_CONFIG)
