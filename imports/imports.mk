# make import: counts made elsewhere, by perf or another tool, into the store of profiles

.PHONY: known-file
known-file: known-app
ifeq ($(PERF),)
	@echo "error: which file? PERF=perf.data; also the text of perf script, raw counts, an AutoFDO profile; \
	docs/imports.md explains it" >&2; exit 2
endif

# GEN= is for files without build ids only, so its default here is that nobody said it.
import: known-file tools
	@$(GENERATIONS) --generation latest path >/dev/null; mkdir -p "$(B)"; \
	exec 9>"$(B)/.import.lock"; flock -n 9 || { \
		echo "error: something is being imported for $(APP) in $(O) already" >&2; exit 2; }; \
	rm -rf -- "$(B)/import"; \
	"$(TOOLS)/import" --out "$(O)" --app "$(APP)" --output "$(B)/import" \
		--generation "$(call given,GEN,)" --weight "$(or $(WEIGHT),1)" -- "$(PERF)"; \
	status=0; $(STORE) add "$(B)/import" || status=$$?; rm -rf -- "$(B)/import"; exit $$status
