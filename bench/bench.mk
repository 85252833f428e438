# make bench: generations measured in turn

# What is not given: the recipe's load, the last two generations.
bench-load-of-recipe = $(or $(call get,$(APP),BENCH_LOAD),judge)
bench-load = $(call given,LOAD,$(bench-load-of-recipe))
bench-generations = $(call given,GEN,$$($(GENERATIONS) --count 2 numbers))

.PHONY: known-bench-load
known-bench-load: known-app
ifeq ($(filter $(bench-load),$(loads)),)
	@echo "error: $(APP) has no load '$(bench-load)'; there are: $(or $(loads),none. Write \
	$(load-directory)/$(bench-load).load; docs/loads.md explains it)" >&2; exit 2
endif

# $(call bench-option,runs,RUNS): handed on if it is given.
bench-option = $(if $(call given,$2),--$1 "$(call given,$2)")
BENCH = "$(TOOLS)/benchmark" --load "$(load-directory)/$(bench-load).load" --load-name "$(bench-load)" \
	--default-load "$(bench-load-of-recipe)" $(call bench-option,runs,RUNS) \
	$(call bench-option,requests,REQUESTS) $(call bench-option,seconds,SECONDS) \
	$(call bench-option,rate,RATE) $(call bench-option,only,KINDS) \
	$(call bench-option,format,FORMAT) --log "$(B)/log/bench"

# One measurement at a time: two would disturb each other.
bench: known-bench-load tools
	@mkdir -p "$(B)/log"; exec 9>"$(B)/.bench.lock"; flock -n 9 || { \
		echo "error: $(APP) is being measured in $(O) already" >&2; exit 2; }; \
	rm -f -- "$(B)/log/bench"; generations="$(bench-generations)"; set --; \
	for generation in $${generations:-latest}; do \
		path=$$($(GENERATIONS) --generation "$$generation" path); set -- "$$@" "$$path"; done; \
	status=0; $(BENCH) "$$@" || status=$$?; \
	case $$status in 0) echo "next: make diff APP=$(APP), make report APP=$(APP)" >&2 ;; esac; exit $$status
