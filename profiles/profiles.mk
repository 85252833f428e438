# make profile: a load against a generation under the tracer, into the store of profiles

LOAD ?= train
load-directory = $(dir $(RECIPE_$(APP)))loads
loads = $(basename $(notdir $(wildcard $(load-directory)/*.load)))

.PHONY: known-load
known-load: known-app
ifeq ($(filter $(LOAD),$(loads)),)
	@echo "error: $(APP) has no load '$(LOAD)'; there are: $(or $(loads),none. Write $(load-directory)/$(LOAD).load; \
	docs/loads.md explains it)" >&2; exit 2
endif

# Everything counted while the load runs, kernel and app at once.
profile: known-load tools
	@generation=$$($(GENERATIONS) --generation "$(GEN)" path); mkdir -p "$(B)"; \
	exec 9>"$(B)/.profile.lock"; flock -n 9 || { \
		echo "error: a profile of $(APP) is being recorded in $(O) already" >&2; exit 2; }; \
	rm -rf -- "$(B)/recording"; \
	"$(TOOLS)/record" --generation "$$generation" \
		--output "$(B)/recording" --load-name "$(LOAD)" \
		--load '"$(TOOLS)/load" --file "$(load-directory)/$(LOAD).load" --ports "$$PORTS"'; \
	status=0; $(STORE) add "$(B)/recording" || status=$$?; rm -rf -- "$(B)/recording"; exit $$status

profiles: known-app tools
	@$(STORE) $(if $(filter json,$(FORMAT)),--json) list

# IDS="one=2 other=1": counts are added up, multiplied by these weights.
profile-merge: known-app tools
	@$(STORE) merge $(IDS)

profile-compare: known-app tools
	@$(STORE) $(if $(filter json,$(FORMAT)),--json) compare $(IDS)

# Does a profile still fit? Of the sources there are now, capsules are made as far as they are missing;
# with GEN=, its plan is taken as it is. Nothing is linked.
K = $(B)/check
check-steps = profile source $(addprefix capsule-,$(image-components)) plan
check-plan = $(if $(call given,GEN),"$$($(GENERATIONS) --generation "$(GEN)" path)/plan.json","$(K)/plan.json")
define run-check-step
@"$(TOOLS)/step" --number $2 --of $(words $(check-steps)) --title '$(call title-$(call kind-of,$1),$1)' \
	--log "$(K)/$1.log" --times "$(K)/times" -- \
	$(subst "$(B)/plan.json","$(K)/plan.json",$(subst "$(B)/chosen.json","$(K)/chosen.json",$(call command-$(call kind-of,$1),$1))) >&2

endef

# make itself ends with status 2 if the tool says no (1); the last line or the JSON tells which it was.
profile-check: known-app tools
	@mkdir -p "$(K)"
ifeq ($(call given,GEN),)
	@exec 9>"$(B)/.lock"; flock -n 9 || { \
		echo "waiting: another process builds $(APP) in $(O)" >&2; flock 9; }; \
		ANNEAL_CLANG_VERSION="$$(clang-19 --version | head -n 1)" $(MAKE) check-capsules
else
	@$(STORE) --output "$(K)/chosen.json" choose "$(PROFILE)"
endif
	@"$(TOOLS)/profile-check" --plan $(check-plan) --profile "$(K)/chosen.json" --cache "$(CACHE)" \
		$(if $(WARN),--warn "$(WARN)") $(if $(REFUSE),--refuse "$(REFUSE)") $(if $(filter json,$(FORMAT)),--json)

.PHONY: check-capsules
check-capsules: specs
	@rm -f -- "$(K)/times"
	$(foreach i,$(call numbers,$(check-steps)),$(call run-check-step,$(word $i,$(check-steps)),$i))
