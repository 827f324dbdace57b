"""Train the reader: ``python -m korea_nlp.training DATA_DIR --out FOLDER``.

Low-rank additions to the base encoder (LoRA, Hu et al. 2021) and the heads are learnt together from public sets
and from annotated news; only they are saved. A run that was stopped goes on from its last state.
"""
