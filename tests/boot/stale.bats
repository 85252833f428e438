# A profile of one nginx on a newer one, whose hot functions moved, changed and have other names

load ../helpers

setup_file() { build_loop; }
setup() { scratch; }
teardown() { discard_scratch; }

PATCH=tests/data/patches/nginx-next.patch

@test "the profile of the release before is salvaged, and profile-check says so before" {
	mkdir -p "$SCRATCH/out"
	cp -a --reflink=auto "$LOOP/nginx" "$SCRATCH/out/nginx"
	mk profile-check APP=nginx O="$SCRATCH/out" TOOLS="$TOOLS" PROFILE=auto NGINX_PATCHES="$PATCH" FORMAT=json \
		>"$SCRATCH/check.json"
	jq -e '.verdict == "fits" and .estimated == false and .units.nginx.compared == "sources" and
		.units.nginx.salvaged_samples > 0 and .units.nginx.fit_percent > 95 and
		.units.vmlinux.compared == "same" and .units.vmlinux.fit_percent == 100 and
		([.units.nginx.renamed[] | select(.from == "ngx_http_parse_header_line").to] ==
			["ngx_http_parse_field_line"])' "$SCRATCH/check.json"
	mk image APP=nginx O="$SCRATCH/out" TOOLS="$TOOLS" PROFILE=auto NGINX_PATCHES="$PATCH" >"$SCRATCH/image.txt"
	cat "$SCRATCH/image.txt"
	grep -Eq 'nginx +[0-9.]+ % of samples matched, [0-9.]+ % salvaged, [0-9.]+ % lost; functions' "$SCRATCH/image.txt"
	jq -e '.profile_applied | .nginx.salvaged_percent > 5 and .nginx.lost_percent < 5 and
		.vmlinux.matched_percent == 100' "$SCRATCH/out/nginx/latest/manifest.json"
}
