#!/bin/sh
# Install the real parts that the tests use (Postfix, PostgreSQL, Dovecot, Chromium, journals, rpm, and what else a mail
# system is made of), as root on Debian or EL.
# Quick when they are there; no daemon is started; without root it only says what is missing.
set -u

have() {
    PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null
}

have_postgresql() {
    have initdb && return
    for found in /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb; do
        [ ! -x "$found" ] || return 0
    done
    return 1
}

# Writes the journals that journalctl(1) reads in the tests.
have_journal_remote() {
    [ -x /lib/systemd/systemd-journal-remote ] || [ -x /usr/lib/systemd/systemd-journal-remote ]
}

# postconf refuses to run without a main.cf, and the machine may have none.
have_lmdb() {
    scratch=$(mktemp -d) && : > "$scratch/main.cf" || return 1
    PATH=$PATH:/usr/sbin postconf -c "$scratch" -m 2>/dev/null | grep -qx lmdb
    found=$?
    rm -rf "$scratch"
    return $found
}

# The page of mailqueues is looked at in it.
have_browser() {
    have chromium || have chromium-browser || have google-chrome
}

missing=
have postfix || missing="$missing postfix"
have_postgresql || missing="$missing postgresql"
have runuser || missing="$missing util-linux"
have ip || missing="$missing iproute2"
have dovecot || missing="$missing dovecot-core"
have_browser || missing="$missing chromium"
have sshd || missing="$missing openssh-server"
have sudo || missing="$missing sudo"
have pflogsumm || missing="$missing pflogsumm"
# The responders of others, which must not talk to ours for ever; EL has no vacation(1) of its own.
! have apt-get || have vacation || missing="$missing vacation"
have sievec || missing="$missing dovecot-sieve"
! have apt-get || have_lmdb || missing="$missing postfix-lmdb"
have_journal_remote || missing="$missing systemd-journal-remote"
# Logs are packed by these.
have xz || missing="$missing xz-utils"
have bzip2 || missing="$missing bzip2"
have zstd || missing="$missing zstd"
# The page of pflogsumm-report is validated by it; EL has it only in EPEL.
! have apt-get || have tidy || missing="$missing tidy"
# The packages: built, looked at, their pages shown, their labels put into a policy that is not in force.
have rpmbuild || missing="$missing rpm"
have rpmlint || missing="$missing rpmlint"
have cpio || missing="$missing cpio"
have man || missing="$missing man-db"
have semodule || missing="$missing policycoreutils"
[ -e /etc/selinux/default/contexts/files/file_contexts ] || [ -e /etc/selinux/targeted/contexts/files/file_contexts ] ||
    missing="$missing selinux-policy-default"
# make system-test: greylisting, SPF, DKIM and one who verifies it that is not OpenDKIM, SASL of a client, a name server,
# a log.  On EL these are EPEL's, and not asked for.
if have apt-get; then
    have postgrey || missing="$missing postgrey"
    have policyd-spf || missing="$missing postfix-policyd-spf-python"
    have opendkim || missing="$missing opendkim"
    have opendkim-genkey || missing="$missing opendkim-tools"
    have dkimverify || missing="$missing python3-dkim"
    have nsd || missing="$missing nsd"
    have rsyslogd || missing="$missing rsyslog"
    have openssl || missing="$missing openssl"
    set -- /usr/lib/*/sasl2/libplain.so*
    [ -e "$1" ] || missing="$missing libsasl2-modules"
fi
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
    echo "make test: not root, so tests are skipped that need:$missing" >&2
    exit 0
fi
echo "make test: installing$missing" >&2

if have apt-get; then
    export DEBIAN_FRONTEND=noninteractive
    # While this file says 101, no package starts a daemon.
    guard=/usr/sbin/policy-rc.d
    if [ ! -e "$guard" ]; then
        printf '#!/bin/sh\nexit 101\n' > "$guard" && chmod 755 "$guard"
        trap 'rm -f "$guard"' EXIT
    fi
    echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
    mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/mailtools-tests.conf
    apt-get -qq update
    apt-get -qq install -y --no-install-recommends $missing >/dev/null
elif have dnf || have yum; then
    packages=$(echo "$missing" | sed 's/postgresql/postgresql-server/; s/iproute2/iproute/; s/dovecot-core/dovecot/; s/dovecot-sieve/dovecot-pigeonhole/; s/chromium//; s/pflogsumm/postfix-perl-scripts/; s/xz-utils/xz/
        s/ rpm / rpm-build /; s/ rpm$/ rpm-build/; s/selinux-policy-default/selinux-policy-targeted/')
    $(have dnf && echo dnf || echo yum) -q -y install $packages
    have_browser || $(have dnf && echo dnf || echo yum) -q -y install chromium || :     # of EPEL
else
    echo 'make test: neither apt-get nor dnf here' >&2
fi
have postfix && have_postgresql || echo 'make test: some parts could not be installed' >&2
exit 0
