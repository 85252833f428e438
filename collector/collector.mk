# make collect: what the collectors in running guests count, into the store of profiles

COLLECTED = $(B)/collected

# FROM= and LISTEN= are words; without either it is the guest that "make run" runs.
# One recording for each generation and event; they are kept like those of a fleet.
collect: known-app tools
	@mkdir -p "$(B)"; exec 9>"$(B)/.collect.lock"; flock -n 9 || { \
		echo "error: something of $(APP) is being collected in $(O) already" >&2; exit 2; }; \
	rm -rf -- "$(COLLECTED)"; \
	"$(TOOLS)/collect" --out "$(O)" --app "$(APP)" --output "$(COLLECTED)" \
		--seconds "$(call given,SECONDS,60)" --rate "$(call given,RATE,1000)" \
		$(foreach f,$(FROM),--from "$f") $(foreach l,$(LISTEN),--listen "$l") \
		$(if $(KEEP),--keep "$(KEEP)") $(if $(WAIT),--wait "$(WAIT)") >/dev/null; \
	fleets/keep.sh "$(TOOLS)/profile-store" "$(O)" "$(APP)" "$(COLLECTED)"
