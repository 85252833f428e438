# make peers: images of others, to compare with, in OUT/APP/peers. bench/peers/README.md

# All, or those that PEERS= names.
PEERS ?= $(sort $(basename $(notdir $(wildcard bench/peers/*.sh))))
peer-scripts = $(foreach p,$(PEERS),bench/peers/$p.sh)

PEER = "$(TOOLS)/peer" make --app $(APP) --machine $(MACHINE) --cache "$(CACHE)" \
	--lock bench/peers.lock --source-lock "$(LOCK)" --specs "$(B)/specs" --spec "$(B)/image.spec" \
	--tools "$(TOOLS)" --output "$(O)/$(APP)/peers" --jobs $(JOBS)

.PHONY: known-peers
known-peers:
	@for script in $(peer-scripts); do [ -f "$$script" ] || { \
		echo "error: there is no peer '$$(basename "$$script" .sh)'; there are:" \
			"$(sort $(basename $(notdir $(wildcard bench/peers/*.sh))))" >&2; exit 2; }; done

peers: known-app known-peers tools specs
	@for script in $(peer-scripts); do $(PEER) "$$script"; done
