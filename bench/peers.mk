# make peers: images of others, to compare with, in OUT/APP/peers. bench/peers/README.md

# All, or those that PEERS= names.
PEERS ?= $(sort $(basename $(notdir $(wildcard bench/peers/*.sh))))
peer-scripts = $(foreach p,$(PEERS),bench/peers/$p.sh)

PEER = "$(TOOLS)/peer" make --app $(APP) --machine $(MACHINE) --cache "$(CACHE)" \
	--lock bench/peers.lock --source-lock "$(LOCK)" --specs "$(B)/specs" --spec "$(B)/image.spec" \
	--tools "$(TOOLS)" --output "$(O)/$(APP)/peers" --jobs $(JOBS)

.PHONY: known-peers
known-peers:
	@for script in $(peer-scripts); do [ -f "$$script" ] || { \
		echo "error: there is no peer '$$(basename "$$script" .sh)'; there are:" \
			"$(sort $(basename $(notdir $(wildcard bench/peers/*.sh))))" >&2; exit 2; }; done

peers: known-app known-peers tools specs
	@for script in $(peer-scripts); do $(PEER) "$$script"; done

# Ours, three times, each in an OUT of its own with our tools, so that none is built anew because another
# was. The last one is relinked with the newest good profile that the user has.
ours = unshaken shaken profiled
ours-settings-unshaken = SHAKE=0 PROFILE=none
ours-settings-shaken = SHAKE=full PROFILE=none
ours-settings-profiled = SHAKE=full PROFILE=auto
ours-sentence-unshaken = the whole kernel of the same configuration, LTO, no profile (SHAKE=0)
ours-sentence-shaken = what this app cannot reach is dropped, no profile
ours-sentence-profiled = the same, relinked with a profile of its load train
ours-out = $(O)/$(APP)/peers/.ours/$1

.PHONY: known-profile $(addprefix ours-,$(ours))
# A profile to relink with, made if there is none.
known-profile: known-app tools
	@$(STORE) --json show auto >/dev/null 2>&1 || { \
		echo "there is no profile of $(APP) yet: one is made" >&2; \
		$(MAKE) image APP=$(APP) PROFILE=none && $(MAKE) profile APP=$(APP) LOAD=train GEN=latest; }

ours-profiled: known-profile
$(addprefix ours-,$(ours)): ours-%: known-app tools
	@mkdir -p "$(call ours-out,$*)/$(APP)" "$(O)/$(APP)/profiles"
	@ln -sfn "$$(realpath "$(O)/$(APP)/profiles")" "$(call ours-out,$*)/$(APP)/profiles"
	@$(MAKE) image APP=$(APP) O="$(call ours-out,$*)" TOOLS="$(TOOLS)" $(ours-settings-$*)
	@generation=$$("$(TOOLS)/generations" --out "$(call ours-out,$*)" --app "$(APP)" path); \
	bench/ours.sh "$(TOOLS)" "$$generation" "$(O)/$(APP)/peers/$*" "Anneal, $*" "$(ours-sentence-$*)"

# What others have today, and ours, measured in turn: one table. Stacks are of no use in it.
peers-kinds = exact,boot,wall,memory
bench-peers: known-bench-load peers
	@for variant in $(ours); do $(MAKE) ours-$$variant; done
	@mkdir -p "$(B)/log"; exec 9>"$(B)/.bench.lock"; flock -n 9 || { \
		echo "error: $(APP) is being measured in $(O) already" >&2; exit 2; }; \
	rm -f -- "$(B)/log/bench-peers"; set --; for peer in $(PEERS) $(ours); do \
		set -- "$$@" "$(O)/$(APP)/peers/$$peer"; done; \
	$(BENCH) --runs "$(call given,RUNS,3)" --only "$(call given,KINDS,$(peers-kinds))" \
		--log "$(B)/log/bench-peers" --ratios "$$@"
