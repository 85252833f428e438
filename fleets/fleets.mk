# make fleet: recordings of many hosts become one profile

# What the shell splits into words: directories of recordings, recordings, list files.
RECORDS ?=
WEIGHTS ?=

# One recording a generation, each checked and converted by the store; then these are merged. What
# a generation has of the result is in its counts already, so that all have the weight 1.
fleet: known-app tools
ifeq ($(strip $(RECORDS)),)
	@echo "error: which recordings? RECORDS=\"directories or a list file\"; docs/fleets.md explains it" >&2; exit 2
endif
	@mkdir -p "$(B)"; exec 9>"$(B)/.fleet.lock"; flock -n 9 || { \
		echo "error: a fleet of $(APP) is being added up in $(O) already" >&2; exit 2; }; \
	rm -rf -- "$(B)/fleet" "$(B)/fleet.ids"; \
	"$(TOOLS)/fleet" run --out "$(O)" --app "$(APP)" $(if $(WEIGHTS),--weights "$(WEIGHTS)") \
		$(if $(KEEP_OUTLIERS),--keep-outliers) --plan "$(B)/fleet.json" --output "$(B)/fleet" $(RECORDS); \
	fleets/keep.sh "$(TOOLS)/profile-store" "$(O)" "$(APP)" "$(B)/fleet"
