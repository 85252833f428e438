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
		--load '"$(TOOLS)/load" --file "$(load-directory)/$(LOAD).load" --base "$$BASE"'; \
	status=0; $(STORE) add "$(B)/recording" || status=$$?; rm -rf -- "$(B)/recording"; exit $$status

profiles: known-app tools
	@$(STORE) $(if $(filter json,$(FORMAT)),--json) list

# IDS="one=2 other=1": counts are added up, multiplied by these weights.
profile-merge: known-app tools
	@$(STORE) merge $(IDS)

profile-compare: known-app tools
	@$(STORE) $(if $(filter json,$(FORMAT)),--json) compare $(IDS)
