# The recipe's loads, every answer checked (pipeline/audit.sh): LOADS in the environment, with load
# itself in LOAD_TOOL; what each came to goes into RESULTS.
# shellcheck shell=sh disable=SC2154 # PORTS is audit.sh's

operations() {
	for load in $LOADS; do
		name=$(basename "$load" .load)
		"$LOAD_TOOL" --file "$load" --ports "$PORTS" --result "$RESULTS/load-$name.json"
		did "the load $name"
	done
}
