#!/bin/bash
# Includes point downwards only. Prints each one that does not; exit 1 then.
cd "$(dirname "$0")/../.." || exit 2

# ROOM: the rooms that it may see besides itself. wire's record and its
# readers are seen by whoever judges a message.
declare -A may=(
	[base]=""
	[domain]="base"
	[settings]="domain base"
	[wire]="base"
	[net]="base"
	[mailbox]="wire net base"
	[parser]="wire base"
	[courier]="wire net base"
	[store]="settings domain base"
	[forms]="domain wire base"
	[mail]="store settings domain base"
	[handlers]="mail forms store settings domain wire base"
	[engine]="handlers mail forms store settings domain wire base"
	[ctl]="engine handlers mail forms store settings domain wire base"
	[main]="engine handlers mail forms store settings domain wire base"
)

bad=0
for file in daemon/*.c daemon/*/*.[ch] handlers/*.[ch]; do
	[ -f "$file" ] || continue
	room=$(basename "$(dirname "$file")")
	[ "$room" = daemon ] && room=main
	if [ -z "${may[$room]+x}" ]; then
		echo "$file: no such room: $room"
		bad=1
		continue
	fi
	while IFS=: read -r line text; do
		seen=$(sed -E 's/^[^"]*"([^"]*)".*/\1/' <<<"$text")
		case $seen in
		schema.h | gen/*) continue ;; # generated
		*/*) target=${seen%%/*} ;;
		*)
			echo "$file:$line: \"$seen\" lacks its room: \"room/file.h\""
			bad=1
			continue
			;;
		esac
		[ "$target" = "$room" ] && continue
		case " ${may[$room]} " in
		*" $target "*) ;;
		*)
			echo "$file:$line: $room may not see $target ($seen)"
			bad=1
			;;
		esac
		if [ "$room" = forms ] && [ "$target" = wire ] && [ "$seen" != wire/record.h ]; then
			echo "$file:$line: of wire, forms sees record.h only"
			bad=1
		fi
	done < <(grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"' "$file")
done
exit $bad
