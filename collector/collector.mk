# make collect: what the collectors in running guests count, into the store of profiles

COLLECTED = $(B)/collected

# FROM= and LISTEN= are words; without either it is the guest that "make run" runs.
# The recording that is added last is the newest profile: "collect" names the one that is worth most last.
collect: known-app tools
	@mkdir -p "$(B)"; exec 9>"$(B)/.collect.lock"; flock -n 9 || { \
		echo "error: something of $(APP) is being collected in $(O) already" >&2; exit 2; }; \
	rm -rf -- "$(COLLECTED)" "$(COLLECTED).list"; \
	"$(TOOLS)/collect" --out "$(O)" --app "$(APP)" --output "$(COLLECTED)" \
		--seconds "$(call given,SECONDS,60)" --rate "$(call given,RATE,1000)" \
		$(foreach f,$(FROM),--from "$f") $(foreach l,$(LISTEN),--listen "$l") \
		$(if $(KEEP),--keep "$(KEEP)") $(if $(WAIT),--wait "$(WAIT)") >"$(COLLECTED).list"; \
	status=0; \
	while IFS= read -r recording; do \
		$(STORE) add "$$recording" </dev/null || status=$$?; \
	done <"$(COLLECTED).list"; exit $$status
