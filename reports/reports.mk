# Reports: what was measured, compared and drawn; nothing is measured here

# The load that a user names; profiles.mk has a default of its own for LOAD.
report-load = $(if $(filter command environment,$(firstword $(origin LOAD))),$(if $(LOAD),--load "$(LOAD)"))

diff: known-app tools
	@"$(TOOLS)/diff" --out "$(O)" --app "$(APP)" --from "$(FROM)" --to "$(TO)" $(report-load) \
		--budget "$(BUDGET)" --format "$(or $(FORMAT),text)" --lines "$(LINES)" \
		--threshold "$(or $(THRESHOLD),0)"
