#!/bin/sh
# What a mail server answers mailqueues(8): how many files its queues hold, and what a listing says.
#
# Two ways to run it.  Without any set-up, mailqueues sends this whole text in the command that ssh runs.
# Or it is installed, as /usr/libexec/mailtools/mailqueues-remote, and is the only thing that the key can do, by a
# line of authorized_keys that begins with: restrict,command="/usr/libexec/mailtools/mailqueues-remote"
# Then what ssh asks for is only read for its request, a few words that are checked one by one.
#
#   mailqueues-request DIRECTORY postqueue|qshape|none SECONDS BYTES CONFIG|-
#
# Queues that this user cannot read are counted with sudo, where it needs no password: by the installed file
# (`mailqueues-remote count DIRECTORY`, as user postfix), and else, unless it is all that the key can do, by `find`.
#
# The answer is lines that begin with @@; between @@listing and @@listed, what postqueue printed.  Nothing else on
# the output counts: a login may say what it likes.  Needs sh, find, wc and sed, and no Python.

LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin
export LC_ALL PATH
umask 077
cd /                            # where we are may be closed to the user that counts
set -f
queues='maildrop incoming active deferred hold'
patience=600                    # seconds, after which no find is left behind by an ssh that went away
warning='/^sudo: unable to resolve host /d'      # and does what it is asked all the same
newline='
'
command -v timeout >/dev/null || timeout() { shift; "$@"; }

fail() {
    printf '@@failed=%s\n@@end\n' "$1"
    exit 0
}

# find's files on the output; on stderr what it said, and a status that is neither 0 nor 1.  With 1 some file
# was gone before it could be looked at, which is normal, or something worse, which it then says.
files() {
    timeout "$patience" $find "$1" -type f
    status=$?
    [ "$status" -le 1 ] || echo "find: ended with status $status" >&2
}

# Print @@QUEUE=FILES of one queue, or @@failed=.  Some are made when Postfix starts, or with their first mail.
count() {
    [ -d "$directory/$1" ] || { printf '@@%s=0\n' "$1"; return; }
    says=$( { files "$directory/$1" | wc -l; } 2>&1 )
    number=${says##*"$newline"}
    trouble=$(printf '%s\n' "$says" | sed -e '$d' -e '/: No such file or directory$/d' -e "$warning")
    [ -z "$trouble" ] || fail "${trouble%%"$newline"*}"
    printf '@@%s=%s\n' "$1" "${number##* }"
}

count_all() {
    for queue in $queues corrupt; do
        count "$queue"
    done
}

readable() {
    for queue in $queues; do
        [ ! -d "$directory/$queue" ] || { [ -r "$directory/$queue" ] && [ -x "$directory/$queue" ]; } || return 1
    done
}

counts() {
    [ -d "$directory" ] || fail "no queue directory $directory"
    for queue in incoming active deferred; do
        [ -d "$directory/$queue" ] || fail "no directory $directory/$queue"
    done
    if readable; then
        count_all
    elif [ -n "$self" ] && says=$(sudo -n -u postfix "$self" count "$directory" 2>&1 | sed "$warning") &&
            [ "${says#@@}" != "$says" ]; then
        printf '%s\n' "$says"
        case $says in *@@failed=*) exit 0;; esac
    elif [ -n "$forced" ]; then
        fail "${says%%"$newline"*}"
    else
        find='sudo -n find'
        count_all
    fi
}

listed() {
    case $form in
        postqueue-j) timeout "$seconds" postqueue $config -j ;;
        postqueue-p) timeout "$seconds" postqueue $config -p ;;
        qshape) timeout "$seconds" qshape $config -w 400 $queues ;;
    esac
    status=$?
    echo "@@status=$status" >&2
    printf '\n@@whole\n'        # not seen when there is more than is wanted, whatever the status
}

# The listing on the output, at most $1 bytes of it; then its status, and what was said.
listing() {
    printf '@@listing=%s\n' "$form"
    says=$( { listed | head -c "$1" >&3; } 2>&1 ) 3>&1
    status=${says##*@@status=}
    says=${says%@@status=*}
    printf '\n@@listed=%s %s\n' "$status" "${says%%"$newline"*}"
}

forced=
case ${1-} in
    count)
        find=find directory=${2-} self=
        case $directory in /*) ;; *) exit 64 ;; esac
        count_all
        exit 0 ;;
    ?*) request=$*; self=/usr/libexec/mailtools/mailqueues-remote; [ -x "$self" ] || self= ;;
    *)  request=${SSH_ORIGINAL_COMMAND-} self=$0 forced=yes ;;
esac
case $request in
    *mailqueues-request\ *) request=${request##*mailqueues-request } ;;
    *) request=refused ;;
esac
set -- $request
for word; do
    case $word in *[!A-Za-z0-9._/-]*) set -- refused; break ;; esac
done

printf '\n@@mailqueues 1\n'     # a prompt or banner may have left its line unfinished
case $#/${1-} in 5//*) ;; *) fail 'not asked by mailqueues: this key can do nothing else' ;; esac
case $3$4 in *[!0-9]*) fail 'not asked by mailqueues: bad numbers' ;; esac
directory=$1 form=$2 seconds=$3 bytes=$4 config= find=find
case $5 in /*) config="-c $5" ;; esac

date +'@@now=%s%n@@zone=%z'
counts
echo @@counted

# Before 3.1 postqueue knows no -j.
if [ "$form" != qshape ]; then
    case $(postconf -d -h mail_version 2>/dev/null) in
        2.*|3.0*|'') lister=postqueue-p ;;
        *) lister=postqueue-j ;;
    esac
    [ "$form" = postqueue ] || { seconds=3; bytes=1; }     # only: is the mail system up?
    form=$lister
fi
command -v "${form%-?}" >/dev/null && listing "$bytes"
echo @@end
