# shellcheck shell=bash
# Sourced by run, test and shell: brings a bare Debian to the point where Python code
# can take over. Each function is one step, does nothing when its result is there, and
# ends with one line and a cure when it fails.
#
#   system_packages  what only Debian has: Python, PostgreSQL, wkhtmltopdf, a browser,
#                    an IMAP server for the tests
#   odoo_source      $ODOO_HOME, else Debian's odoo-19 from its signed archive
#   python_venv      a virtualenv with the hash-pinned requirements
#
# What can be shared between checkouts is below $CACHE, what belongs to this checkout
# below $DSO_STATE.
set -Eeuo pipefail

SETUP=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
DSO_ROOT=${SETUP%/*}
DSO_STATE=${DSO_STATE:-$DSO_ROOT/.dso}
CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/dso-collection
LOG=$DSO_STATE/log/setup.log
DSO_STARTED=$(date +%s)
export DSO_ROOT DSO_STATE DSO_STARTED

# ------------------------------------------------------------------ what a user sees
step() { printf '[%4ds] %s\n' $(($(date +%s) - DSO_STARTED)) "$*" >&2; }
die() { # WHAT CURE
    step "ERROR: $1. Cure: $2."
    exit 1
}
# for what nobody foresaw; a subshell leaves it to its parent
trap '((BASH_SUBSHELL)) || die "$BASH_SOURCE line $LINENO failed" "see $LOG"' ERR
quietly() { # CURE COMMAND...: its output goes to the log; a failure ends with one line
    local cure=$1 from cause
    shift
    from=$(($(stat -c %s "$LOG") + 1))
    printf '$ %s\n' "$*" >>"$LOG"
    "$@" >>"$LOG" 2>&1 </dev/null && return
    cause=$(tail -c "+$from" "$LOG" | grep -aE 'No space left|not enough free space' |
        head -1 || true)
    [ -z "$cause" ] || die "the disk is full" \
        "free 4 GB below $CACHE and $DSO_STATE, then start again"
    cause=$(tail -c "+$from" "$LOG" | sed -nE 's/^(E|ERROR|Error): //p' | head -1)
    die "${cause:-$1 failed (see $LOG)}" "$cure"
}
need_space() { # FOLDER MEGABYTES
    local free
    free=$(df -Pm "$1" | awk 'NR == 2 {print $4}')
    [ "$free" -ge "$2" ] ||
        die "$1 has $free MB free, $2 MB are needed" "free some space, then start again"
}

# ------------------------------------------------------------------- system packages
find_python() { # prints a Python that Odoo 19 supports and that can make a virtualenv
    local candidate
    for candidate in ${PYTHON:-} python3 python3.12 python3.13 python3.11 python3.10; do
        # a version manager's shim exists even for a version that is not there
        "$candidate" -c 'import sys, venv, ensurepip
sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || continue
        "$candidate" -c 'import os, sys; print(os.path.realpath(sys.executable))'
        return
    done
    return 1
}
has_one_of() {
    local program
    for program; do
        if command -v "$program" >/dev/null; then return; fi
    done
    return 1
}
missing_packages() { # runtime|test: prints the Debian packages that are still needed
    find_python >/dev/null || echo python3 python3-venv
    if [ -n "${PGHOST:-}" ]; then
        has_one_of psql || echo postgresql-client
    else
        has_one_of initdb /usr/lib/postgresql/*/bin/initdb || echo postgresql
    fi
    # only some of Debian's releases have it; PDF letters wait for it elsewhere
    has_one_of wkhtmltopdf || [ -z "$(apt-cache show wkhtmltopdf 2>/dev/null)" ] ||
        echo wkhtmltopdf fonts-liberation
    [ "$(uname -m)" = x86_64 ] || has_one_of c++ || echo g++ python3-dev # libsass
    [ "$1" = test ] || return 0
    has_one_of google-chrome chromium chromium-browser || echo chromium fonts-liberation
    has_one_of git || echo git
    has_one_of dovecot /usr/sbin/dovecot || echo dovecot-imapd
}
without_services() { # COMMAND...: no package starts its server meanwhile, nor later
    local policy=/usr/sbin/policy-rc.d code=0
    [ ! -e "$policy" ] || { "$@" && return; }
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    ("$@") || code=$?
    rm -f "$policy"
    [ "$code" = 0 ] || exit "$code"
    ! has_one_of systemctl || systemctl disable dovecot >>"$LOG" 2>&1 || true
}
apt_install() {
    quietly "repair apt, then start again" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "$@"
}
system_packages() { # runtime|test
    local missing
    missing=$(missing_packages "$1" | xargs)
    [ -n "$missing" ] || return 0
    has_one_of apt-get || die "missing: $missing" "install them with your package manager"
    [ "$(id -u)" = 0 ] || die "missing system packages" \
        "sudo apt-get install --no-install-recommends $missing"
    step "System: apt-get install"
    quietly "check the network and /etc/apt, then start again" apt-get update
    missing=$(missing_packages "$1" | xargs) # now that apt knows what there is
    step "System: $missing"
    if [[ " $missing " = *" postgresql "* ]]; then
        # the package would start a cluster of its own, which nobody asked for
        apt_install postgresql-common
        mkdir -p /etc/postgresql-common/createcluster.d
        echo 'create_main_cluster = false' \
            >/etc/postgresql-common/createcluster.d/no-main-cluster.conf
    fi
    if [[ " $missing " = *" dovecot-imapd "* ]]; then
        # as above: the tests start one of their own
        without_services apt_install dovecot-imapd
    fi
    # shellcheck disable=SC2086
    apt_install $missing
    find_python >/dev/null || die \
        "no Python 3.10 to 3.13 with venv (this is $(python3 -V 2>&1))" \
        "install one and name it: PYTHON=/path/to/python3.12 $0"
}

# ----------------------------------------------------------------------- Odoo source
# The package leaves out what Debian has elsewhere; its relative links find those
# packages when they are unpacked beside it. Odoo needs Font Awesome 4, which the
# newest suite no longer has.
SUITE=sid
ODOO_PACKAGES="odoo-19 libjs-jquery libjs-jquery-form libjs-underscore
    fonts-roboto-unhinted fonts-montserrat fonts-ocr-b
    fonts-font-awesome/bookworm"

debian_archive() { # prints the address of the archive that this machine uses
    [ -z "${DSO_DEBIAN:-}" ] || { echo "$DSO_DEBIAN" && return; }
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
        awk '$2 !~ /security|updates|backports/ && $1 ~ /\/debian\/?$/ {print $1; exit}'
}
private_apt() { # apt with its own sources, lists and cache: the machine's stay as is
    local apt=$CACHE/apt
    apt-get -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Cache="$apt/cache" \
        -o Dir::Etc::sourceparts=/nonexistent -o Dir::State="$apt/state" \
        -o Dir::State::status="$apt/state/status" -o APT::Sandbox::User=root \
        -o Acquire::Languages=none -o Acquire::Retries=3 -o APT::Get::List-Cleanup=0 \
        -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false "$@"
}
download_odoo() {
    local apt=$CACHE/apt key=/usr/share/keyrings/debian-archive-keyring.gpg archive
    local cure="check the network and start again, or set ODOO_HOME to an Odoo 19.0"
    archive=$(debian_archive)
    if [ -z "$archive" ] || [ ! -r "$key" ]; then
        die "no Debian archive with its keyring is configured here" \
            "set ODOO_HOME to a checkout of Odoo 19.0"
    fi
    need_space "$CACHE" 3000
    rm -rf "$apt" "$CACHE/debs.new"
    mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$CACHE/debs.new"
    : >"$apt/state/status"
    printf "deb [signed-by=$key] $archive %s main\n" "$SUITE" bookworm >"$apt/sources.list"
    step "Odoo: reading the signed index of Debian $SUITE"
    quietly "$cure" private_apt update -o APT::Update::Error-Mode=any
    private_apt download --print-uris odoo-19 >>"$LOG" 2>&1 ||
        die "Debian $SUITE has no odoo-19 any more" "set ODOO_HOME to a checkout of Odoo 19.0"
    step "Odoo: downloading the package (200 MB)"
    # shellcheck disable=SC2086
    (cd "$CACHE/debs.new" && quietly "$cure" private_apt download $ODOO_PACKAGES) || exit 1
    rm -rf "$CACHE/debs" "$apt"
    mv "$CACHE/debs.new" "$CACHE/debs"
}
unpack_odoo() {
    local new=$CACHE/odoo.new deb addons link
    need_space "$CACHE" 2000
    rm -rf "$new"
    mkdir -p "$new"
    for deb in "$CACHE"/debs/*.deb; do
        quietly "delete $CACHE/debs and start again" dpkg-deb -x "$deb" "$new"
    done
    addons=$new/usr/lib/python3/dist-packages/odoo/addons
    for link in lib/fontawesome src/libs/fontawesome; do
        rm -rf "$addons/web/static/$link/fonts"
        cp -rL "$new/usr/share/fonts-font-awesome/fonts" "$addons/web/static/$link/fonts"
    done
    # Sourceless, so not in the package, and used by video calls only; but without the
    # file the web client logs an error, at which every browser test fails.
    link=$addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js
    [ -e "$link" ] || { mkdir -p "${link%/*}" && echo '// left out by Debian' >"$link"; }
    find "$new" -xtype l -printf 'dangling: %p\n' >>"$LOG" # known: a font of the till
    rm -rf "$CACHE/odoo"
    mv "$new" "$CACHE/odoo"
}
check_series() { # refuses anything but 19.0
    local release=$ODOO/odoo/release.py series
    [ -r "$release" ] || die "no Odoo in $ODOO (odoo/release.py is not there)" \
        "set ODOO_HOME to the folder that holds odoo-bin or the package odoo, or unset it"
    series=$(sed -nE "s/^version_info *= *\('?([a-z0-9~]+)'?, *([0-9]+).*/\1.\2/p" "$release")
    [ "$series" = 19.0 ] || die "Odoo $series in $ODOO, these addons are for 19.0" \
        "check out branch 19.0 there, or unset ODOO_HOME to get it from Debian"
}
odoo_source() {
    local tested sha256 deb version
    read -r tested sha256 < <(grep -v '^#' "$SETUP/odoo.version")
    if [ -n "${ODOO_HOME:-}" ]; then
        ODOO=$(realpath -m "$ODOO_HOME")
        check_series
        step "Odoo: 19.0 of $ODOO (tested: Debian $tested)"
        return
    fi
    ODOO=$CACHE/odoo/usr/lib/python3/dist-packages
    version=$(cat "$CACHE/odoo/.version" 2>/dev/null || true)
    if [ -z "$version" ] || dpkg --compare-versions "$version" lt "$tested"; then
        mkdir -p "$CACHE/debs"
        deb=$(find "$CACHE/debs" -name 'odoo-19_*.deb')
        # what is there may be older than what was tested since
        if [ -z "$deb" ] || [ -n "$version" ]; then download_odoo; fi
        deb=$(find "$CACHE/debs" -name 'odoo-19_*.deb')
        version=$(dpkg-deb -f "$deb" Version 2>>"$LOG" || true)
        if [ -z "$version" ] || { [ "$version" = "$tested" ] &&
            ! echo "$sha256  $deb" | sha256sum --check --status; }; then
            rm -rf "$CACHE/debs"
            die "the download of odoo-19 is broken" "start again, it will be fetched anew"
        fi
        step "Odoo: unpacking $version"
        unpack_odoo
        check_series
        echo "$version" >"$CACHE/odoo/.version"
    fi
    check_series
    [ "$version" = "$tested" ] ||
        step "Odoo: notice: $version is newer than the tested $tested"
}

# ------------------------------------------------------------------------ virtualenv
python_venv() { # runtime|test
    local python key file=$SETUP/requirements/$1.txt
    python=$(find_python) || die "no Python 3.10 to 3.13 with venv" \
        "install one and name it: PYTHON=/path/to/python3.12 $0"
    # one per interpreter and set of pins, never changed afterwards
    key=$({ "$python" -VV && echo "$python" && cat "$SETUP"/requirements/*.txt; } |
        sha256sum | cut -c1-12)
    VENV=$CACHE/venv-$key
    if [ ! -e "$VENV/.$1" ]; then
        need_space "$CACHE" 1500
        step "Python: $("$python" -V), installing $(grep -c '==' "$file") packages"
        [ -e "$VENV/bin/python" ] ||
            quietly "install python3-venv, then start again" "$python" -m venv "$VENV"
        # every file is named by its hash, so nothing else can be installed; all that
        # is needed is listed, so nothing is resolved
        quietly "check the network, then start again" "$VENV/bin/python" -m pip install \
            --no-input --disable-pip-version-check --no-deps --require-hashes -r "$file"
        touch "$VENV/.runtime" "$VENV/.$1" # test holds runtime
        # those of older pins that nobody started for a month
        find "$CACHE" -maxdepth 1 -name 'venv-*' ! -name "venv-$key" -mtime +30 \
            -exec rm -rf {} +
    fi
    touch "$VENV"
}

# ---------------------------------------------------------------------------- all of it
bootstrap() { # runtime|test: leaves Odoo and this folder importable by the venv's python
    mkdir -p "$CACHE" "${LOG%/*}" 2>/dev/null ||
        die "cannot write to $CACHE or $DSO_STATE" \
            "set XDG_CACHE_HOME and DSO_STATE to folders of yours"
    [ -e "$DSO_STATE/odoo.conf" ] || need_space "$DSO_STATE" 1000
    : >>"$LOG" || die "cannot write $LOG" "set DSO_STATE to a folder of yours"
    system_packages "$1"
    exec 9>"$CACHE/.lock"
    flock -n 9 || { step "Waiting for another set-up on this machine" && flock 9; }
    odoo_source
    python_venv "$1"
    exec 9>&-
    export PATH=$VENV/bin:$PATH PYTHONPATH=$SETUP:$ODOO TZ=UTC
    export DSO_ODOO=$ODOO DSO_CACHE=$CACHE
}
