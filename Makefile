include pipeline.mk
