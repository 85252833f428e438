# Goals that use what was built

GEN ?= latest

run: known-app tools
	@directory=$$($(GENERATIONS) --generation "$(GEN)" path); \
	exec "$(TOOLS)/run" --image "$$directory/image" --spec "$$directory/image.spec" \
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
