# Goals that use what was built

GEN ?= latest

run: known-app tools
	@directory=$$($(GENERATIONS) --generation "$(GEN)" path); \
	exec "$(TOOLS)/run" --image "$$directory/image" --spec "$$directory/image.spec" \
		--state "$(O)/$(APP)/run.json" --own-disk "$(O)/$(APP)/disk.img" $(if $(DISK),--disk "$(DISK)") $(if $(CPUS),--cpus "$(CPUS)") \
		--port "$(PORT)" $(if $(MEM),--memory "$(MEM)") --arguments "$(ARGS)" --append "$(APPEND)"

info: known-app tools
	@$(GENERATIONS) --generation "$(GEN)" $(if $(filter json,$(FORMAT)),--json) info

generations: tools
	@$(GENERATIONS) $(if $(filter json,$(FORMAT)),--json) list

# Why is a symbol, an initcall or a system call in the kernel, or why not?
why: known-app tools
	@"$(TOOLS)/why" --generation "$$($(GENERATIONS) --generation "$(GEN)" path)" --symbol "$(SYM)" \
		$(if $(filter json,$(FORMAT)),--json)

BY ?= part
LINES ?= 25
size: known-app tools
	@"$(TOOLS)/size" --generation "$$($(GENERATIONS) --generation "$(GEN)" path)" --by "$(BY)" \
		--lines "$(LINES)" $(if $(filter json,$(FORMAT)),--json)

# The recipe's load and rare operations on the unshaken kernel: is what they use kept?
A = $(B)/audit
audit-steps = audit-shake audit-link audit-seal audit-run
title-audit-shake = count system calls
command-audit-shake = $(subst --mode $(SHAKE),--mode audit,$(subst $(B)/shaken.bc,$(A)/counting.bc,$(command-shake)))
title-audit-link = link unshaken linux
command-audit-link = "$(TOOLS)/link" --cache "$(CACHE)" -j $(JOBS) --plan "$(B)/plan.json" \
	--unit vmlinux --output "$(A)/vmlinux.elf" --shaken "$(A)/counting.bc"
title-audit-seal = image
command-audit-seal = "$(TOOLS)/seal" --plan "$(B)/plan.json" --kernel "$(A)/vmlinux.elf" \
	--initramfs "$(B)/initramfs.cpio" --init "$(B)/init.elf" --app "$(B)/$(APP).elf" $(collector-elf) --output "$(A)/image"
title-audit-run = load and rare operations
command-audit-run = pipeline/audit.sh "$(TOOLS)/run" "$(A)/image/image" "$(B)/image.spec" \
	"$(dir $(RECIPE_$(APP)))audit.sh" "$(A)/console"

define run-audit-step
@"$(TOOLS)/step" --number $2 --of $(words $(audit-steps)) --title '$(title-$1)' \
	--log "$(B)/log/$1" --times "$(A)/times" -- $(command-$1)

endef

audit: known-audit image
	@mkdir -p "$(A)" && rm -f -- "$(A)/times"
	$(foreach i,$(call numbers,$(audit-steps)),$(call run-audit-step,$(word $i,$(audit-steps)),$i))
	@"$(TOOLS)/audit" --syscalls "$(B)/syscalls.json" --shaken "$(B)/shake.json" \
		--console "$(A)/console" --output "$(A)/audit.json" $(if $(filter json,$(FORMAT)),--json)

.PHONY: known-audit
known-audit: known-app
ifeq ($(filter syscalls full,$(SHAKE)),)
	@echo "error: SHAKE=$(SHAKE) drops nothing, so there is nothing to audit" >&2; exit 2
endif
	@[ -f "$(dir $(RECIPE_$(APP)))audit.sh" ] || { \
		echo "error: $(dir $(RECIPE_$(APP)))audit.sh is missing: what $(APP) is asked to do; docs/shaker.md explains it" >&2; exit 2; }

# The app's own tests, recipes/APP/tests/*, against a generation. TESTS= names some: then nothing is recorded.
app-tests = $(wildcard $(dir $(RECIPE_$(APP)))tests)
# Upstream tests may store more than the image is made for.
test-memory = $(or $(MEM),$(call get,$(APP),TEST_MEM))
TEST_APP = "$(TOOLS)/test-app" --tests "$(app-tests)" --words pipeline/test-words.sh \
	$(if $(test-memory),--memory "$(test-memory)")

test-app: known-app tools
	@[ -n "$(app-tests)" ] || { echo "error: $(dir $(RECIPE_$(APP)))tests is missing: programs that try the running" \
		"app; docs/testing.md explains them" >&2; exit 2; }
	@$(TEST_APP) --generation "$$($(GENERATIONS) --generation "$(GEN)" path)" $(if $(TESTS),--only "$(TESTS)")
