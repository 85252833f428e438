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
