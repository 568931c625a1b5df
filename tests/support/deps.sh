#!/bin/sh
# Installs the Debian packages that are missing, quietly: deps.sh build|test|all
# Does nothing, and asks for no password, where nothing is missing.
set -eu

build="gcc libc6-dev make pkg-config libgmime-3.0-dev libsqlite3-dev
	libxml2-dev libzip-dev libexpat1-dev libjansson-dev libconfuse-dev libutf8proc-dev
	libseccomp-dev libxlsxwriter-dev
	libsmartcols-dev libglib2.0-dev libcsv-dev libetpan-dev libgnutls28-dev
	nettle-dev libcurl4-gnutls-dev libidn2-dev tzdata python3"
test="libcmocka-dev universal-ctags clang-format dovecot-imapd openssl systemd
	libreoffice-calc-nogui libreoffice-writer-nogui gnumeric python3-openpyxl"
# Only root may start Postfix, and Debian has one mail server at a time: where
# another one is, it stays, and the test that wants Postfix is skipped.
if [ "$(id -u)" -eq 0 ] && ! dpkg-query -W -f='${Status} ${Provides}\n' 2>/dev/null |
	grep -q '^install ok installed.*mail-transport-agent'; then
	test="$test postfix"
fi
tools="clang clang-tidy clang-tools libclang-rt-14-dev llvm strace"

case ${1:-test} in
build) want=$build ;;
test) want="$build $test" ;;
all) want="$build $test $tools" ;;
*)
	echo "usage: deps.sh build|test|all" >&2
	exit 64
	;;
esac

missing=
for package in $want; do
	dpkg-query -W -f='${Status}' "$package" 2>/dev/null |
		grep -q 'install ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
	as_root="sudo env DEBIAN_FRONTEND=noninteractive"
fi
echo "installing:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
if ! { $as_root apt-get -q update &&
	$as_root apt-get -q -y --no-install-recommends install $missing; } >"$log" 2>&1 </dev/null; then
	cat "$log" >&2
	exit 1
fi
